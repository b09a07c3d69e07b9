//! What a distiller made: kept in place, found, listed.

use mem_core::observation::{Distilled, Distiller, Summary};
use mem_store::HitId;

use crate::desk::{Desk, NOW, answered, observation, project, prompted, put};

#[test]
fn distilling_again_updates_the_same_rows() {
    let desk = Desk::new();
    let mut store = desk.open();
    let turn = put(&mut store, &prompted(0, "p1", "make it faster")).1.unwrap();
    put(&mut store, &answered(5, "p1"));
    let mut made = Distilled {
        observations: vec![("work".to_owned(), observation("made parsing faster"))],
        summary: Some(Summary { request: "speed".to_owned(), ..Summary::default() }),
    };
    let by = Distiller::Local;
    let first = store.write(|tx| tx.put_distilled(turn, &by, &made, NOW, NOW)).unwrap();
    made.observations[0].1.title = "made lexing faster".to_owned();
    made.observations.push(("more".to_owned(), observation("wrote a bench")));
    let second = store.write(|tx| tx.put_distilled(turn, &by, &made, NOW, NOW)).unwrap();
    assert_eq!(first[0], second[0]);
    let project = project(&mut store);
    assert_eq!(store.observations(project, 10).unwrap().len(), 2);
    assert_eq!(store.summaries(project, 10).unwrap().len(), 1);
    assert!(store.turns_to_distil(NOW, 10).unwrap().is_empty());
    let hits = store.search("lexing", Some(project), 10).unwrap();
    assert_eq!(hits[0].id, HitId::Observation(first[0]));
    assert!(store.search("parsing", None, 10).unwrap().is_empty());
}
