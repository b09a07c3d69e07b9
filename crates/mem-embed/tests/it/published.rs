//! Which files are those of the model as published.

use std::fs::{OpenOptions, copy, metadata};
use std::io::{Seek, SeekFrom, Write};

use mem_embed::{FILES, ModelError};
use tempfile::TempDir;

#[test]
fn the_published_files_are_known() {
    for file in FILES {
        let path = mem_testkit::tools::model().join(file.name);
        file.check(&path).unwrap();
        assert_eq!(metadata(&path).unwrap().len(), file.size);
    }
}

#[test]
fn another_file_is_told_by_its_size_and_by_one_byte() {
    let folder = TempDir::new().unwrap();
    for file in FILES {
        let path = folder.path().join(file.name);
        let refused = || file.check(&path).expect_err("these are other bytes");
        assert!(matches!(refused(), ModelError::Missing { .. }));
        copy(mem_testkit::tools::model().join(file.name), &path).unwrap();
        let mut open = OpenOptions::new().write(true).open(&path).unwrap();
        for at in [0, file.size / 2, file.size - 1] {
            open.seek(SeekFrom::Start(at)).unwrap();
            open.write_all(b"\x01").unwrap();
            assert!(matches!(refused(), ModelError::Damaged { .. }), "byte {at} of {}", file.name);
        }
        open.set_len(file.size + 1).unwrap();
        assert!(matches!(refused(), ModelError::Another { .. }));
        open.set_len(file.size - 1).unwrap();
        let should = file.size;
        assert!(
            matches!(refused(), ModelError::CutShort { is, should: s, .. } if is == should - 1 && s == should)
        );
    }
}
