//! The scan on every kernel against the definition: all products, sorted.

use mem_embed::{
    Flat, Hit, Kernel, LARGEST_DIM, Portions, scan, scan_on, scan_part, similarities, similarity,
};
use proptest::prelude::*;

/// What is to be found, by the definition.
fn defined(query: (&[i8], f32), values: &[i8], scales: &[f32], keep: Option<&[u64]>, top: usize) -> Vec<Hit> {
    let kept =
        |at: usize| keep.is_none_or(|keep| keep.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1));
    let product =
        |vector: &[i8]| vector.iter().zip(query.0).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum();
    let vectors = values.chunks(query.0.len()).zip(scales).enumerate();
    let found = vectors.filter(|(at, (_, scale))| kept(*at) && scale.is_normal());
    let mut hits: Vec<Hit> = found
        .map(|(index, (vector, scale))| Hit {
            index,
            similarity: similarity(product(vector), query.1, *scale),
        })
        .collect();
    hits.sort_by(|one, other| other.similarity.total_cmp(&one.similarity).then(one.index.cmp(&other.index)));
    hits.truncate(top);
    hits
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_path_finds_what_is_defined(
        dim in prop_oneof![1_usize..200, Just(384), Just(768)],
        count in 0_usize..200,
        seed in any::<u64>(),
        filter in prop_oneof![Just(None), prop::collection::vec(any::<u64>(), 0..5).prop_map(Some)],
        top in 0_usize..30,
    ) {
        let mut state = seed | 1;
        let mut next = || { state ^= state << 13; state ^= state >> 7; state ^= state << 17; state };
        let query: Vec<i8> = (0..dim).map(|_| next() as i8).collect();
        let values: Vec<i8> = (0..dim * count).map(|_| if next() % 9 == 0 { i8::MIN } else { next() as i8 }).collect();
        let scales: Vec<f32> = (0..count).map(|at| if at % 17 == 3 { 0.0 } else { (next() % 4) as f32 / 100.0 + 0.01 }).collect();
        let among = Flat::new(&values, &scales, dim).unwrap();
        let wanted = defined((&query, 0.5), &values, &scales, filter.as_deref(), top);
        for kernel in Kernel::ALL {
            let found = scan_on(kernel, (&query, 0.5), among, filter.as_deref(), top);
            prop_assert_eq!(&found, &wanted, "{:?}", kernel);
        }
        let mut alike = vec![7.0];
        similarities((&query, 0.5), among, &mut alike);
        prop_assert_eq!(alike.len(), 1 + count, "behind what was there");
        for hit in defined((&query, 0.5), &values, &scales, None, count) {
            prop_assert_eq!(Hit { similarity: alike[1 + hit.index], ..hit }, hit);
        }
        for (alike, scale) in alike[1..].iter().zip(&scales) {
            prop_assert!(scale.is_normal() || *alike == 0.0);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn who_shares_a_scan_finds_what_one_finds(
        count in 0_usize..5000,
        threads in 1_usize..5,
        keep in prop_oneof![Just(None), prop::collection::vec(any::<u64>(), 0..80).prop_map(Some)],
        top in 0_usize..300,
    ) {
        // many are alike, so that the order among equals counts
        let values: Vec<i8> = (0..2 * count).map(|at| (at * at % 7) as i8).collect();
        let scales: Vec<f32> = (0..count).map(|at| if at % 31 == 0 { 0.0 } else { 0.25 }).collect();
        let among = Flat::new(&values, &scales, 2).unwrap();
        let (query, keep) = ((&[3_i8, 1][..], 0.5), keep.as_deref());
        let portions = Portions::default();
        let mut found: Vec<Hit> = std::thread::scope(|scope| {
            let part = || scan_part(query, among, keep, top, &portions);
            let begun: Vec<_> = (0..threads).map(|_| scope.spawn(part)).collect();
            begun.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        found.sort();
        found.truncate(top);
        prop_assert_eq!(found, scan(query, among, keep, top));
        prop_assert!(scan_part(query, among, keep, top, &portions).is_empty(), "all is taken");
    }
}

#[test]
fn the_largest_numbers_do_not_overflow() {
    let values = vec![i8::MIN; 2 * LARGEST_DIM];
    let among = Flat::new(&values, &[1.0, 1.0], LARGEST_DIM).unwrap();
    for (sign, exact) in [(i8::MIN, 128.0 * 128.0), (i8::MAX, -128.0 * 127.0)] {
        for kernel in Kernel::ALL {
            let found = scan_on(kernel, (&vec![sign; LARGEST_DIM], 1.0), among, None, 5);
            assert_eq!(
                found.iter().map(|hit| hit.similarity).collect::<Vec<_>>(),
                [exact * LARGEST_DIM as f32; 2]
            );
        }
    }
}

#[test]
fn nothing_is_found_by_nothing_and_in_nothing() {
    let among = Flat::new(&[1, 2, 3, 4], &[1.0, f32::NAN], 2).unwrap();
    assert!(scan((&[1, 1], 0.0), among, None, 5).is_empty());
    assert!(scan((&[1, 1], f32::NAN), among, None, 5).is_empty());
    assert!(scan((&[1, 1], 1.0), among, Some(&[]), 5).is_empty());
    assert_eq!(scan((&[1, 1], 1.0), among, None, 5), [Hit { index: 0, similarity: 3.0 }]);
    assert!(scan((&[1, 1], 1.0), Flat::new(&[], &[], 2).unwrap(), None, 5).is_empty());
    for (values, scales, dim) in
        [(&[1_i8, 2, 3][..], &[1.0_f32][..], 2), (&[1], &[1.0], 0), (&[], &[], LARGEST_DIM + 1)]
    {
        assert!(Flat::new(values, scales, dim).is_none());
    }
}
