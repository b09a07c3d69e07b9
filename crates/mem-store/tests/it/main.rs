//! The store on real files: what goes in comes out, once, whatever happens in between.

#[cfg(test)]
mod batches;
#[cfg(test)]
mod books;
#[cfg(test)]
mod crashing;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod distilling;
#[cfg(test)]
mod events;
#[cfg(test)]
mod indexing;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod meaning;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod projects;
#[cfg(test)]
mod recall;
#[cfg(test)]
#[cfg(test)]
mod superseding;
#[cfg(test)]
mod turns;
#[cfg(test)]
mod upkeep;
