//! Recorded replies that hold little or nothing: cut, empty, of another grammar.

use super::shown::shown;

#[test]
fn empty() {
    insta::assert_snapshot!(shown("empty"), @r"empty");
}

#[test]
fn empty_blocks() {
    insta::assert_snapshot!(shown("empty-blocks"), @r"
    empty
    ! empty observation
    ! empty summary
    ");
}

#[test]
fn prose() {
    insta::assert_snapshot!(shown("prose"), @r"
    prose
    ! words outside of all blocks
    ");
}

#[test]
fn prose_mentions_tag() {
    insta::assert_snapshot!(shown("prose-mentions-tag"), @r"
    prose
    ! words outside of all blocks
    ! observation without an end; left aside
    ");
}

#[test]
fn cut_in_title() {
    insta::assert_snapshot!(shown("cut-in-title"), @r"
    truncated
    ! the reply ends within observation; left aside
    ");
}

#[test]
fn cut_in_facts() {
    insta::assert_snapshot!(shown("cut-in-facts"), @r"
    truncated
    bugfix · Login no longer loops
      subtitle: The cookie was set for the wrong path
      fact: Set-Cookie had Path=/auth
    ! the reply ends within observation; its complete fields were taken
    ");
}

#[test]
fn cut_in_second() {
    insta::assert_snapshot!(shown("cut-in-second"), @r#"
    truncated
    bugfix · Login no longer loops
      narrative: "The cookie was set for the wrong path."
    ! the reply ends within observation; left aside
    "#);
}

#[test]
fn cut_in_summary() {
    insta::assert_snapshot!(shown("cut-in-summary"), @r#"
    truncated
    bugfix · Login no longer loops
      narrative: "The cookie was set for the wrong path."
    summary
      request: Fix the login
    ! the reply ends within summary; its complete fields were taken
    "#);
}

#[test]
fn cut_in_tag() {
    insta::assert_snapshot!(shown("cut-in-tag"), @r"
    truncated
    bugfix · Login no longer loops
    ! the reply ends within observation; its complete fields were taken
    ");
}

#[test]
fn fenced_cut() {
    insta::assert_snapshot!(shown("fenced-cut"), @r"
    truncated
    change · Node 22 in CI
      fact: The workflow was raised from 18
    ! the reply stood in a code fence
    ! the reply ends within observation; its complete fields were taken
    ");
}

#[test]
fn end_forgotten() {
    insta::assert_snapshot!(shown("end-forgotten"), @r#"
    valid
    change · First
      narrative: "It has no end."
    change · Second
      narrative: "Its title has no end."
    ! observation without an end; its complete fields were taken
    ! title without an end tag
    "#);
}

#[test]
fn nested() {
    insta::assert_snapshot!(shown("nested"), @r#"
    valid
    discovery · Blocks in blocks
      narrative: "The outer one holds nothing itself."
    summary
      learned: A summary within
    ! words outside of all blocks
    ! observation without an end; left aside
    "#);
}

#[test]
fn html() {
    insta::assert_snapshot!(shown("html"), @r"
    prose
    ! words outside of all blocks
    ");
}

#[test]
fn json() {
    insta::assert_snapshot!(shown("json"), @r"
    prose
    ! words outside of all blocks
    ");
}

#[test]
fn another_grammar() {
    insta::assert_snapshot!(shown("another-grammar"), @r"
    prose
    ! words outside of all blocks
    ");
}

#[test]
fn quota() {
    insta::assert_snapshot!(shown("quota"), @r"
    quota
    ! words outside of all blocks
    ");
}
