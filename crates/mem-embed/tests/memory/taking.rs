//! The memory of this process, before, with and after a model.

use mem_embed::Model;

/// A line of `/proc/self/status`, in MB.
fn mb(name: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

#[test]
fn a_model_is_small_and_leaves_nothing_behind() {
    let folder = mem_testkit::tools::model();
    let texts: Vec<String> =
        (0..6).map(|at| format!("text number {at} about locks and clocks ").repeat(200)).collect();
    let before = mb("VmRSS");
    let mut stays = Vec::new();
    for _ in 0..6 {
        let mut model = Model::load(&folder).unwrap();
        model.embed(&texts);
        model.embed_one(&"x".repeat(1 << 20));
        assert!(mb("VmRSS") - before < 45.0, "{} MB while it is there", mb("VmRSS") - before);
        drop(model);
        stays.push(mb("VmRSS") - before);
    }
    assert!(mb("VmHWM") - before < 100.0, "{} MB at the most", mb("VmHWM") - before);
    // the allocator and the pages of this program keep 3 to 8.5 MB, after the twelfth no more; a model is 25
    assert!(stays.iter().all(|stays| *stays < 12.0), "MB that stay after each: {stays:?}");
}
