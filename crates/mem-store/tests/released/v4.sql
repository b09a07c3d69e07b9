-- Rows as schema 4 holds them.
INSERT INTO projects VALUES (1, '019aa000-0000-7000-8000-000000000001', 'widgets', 1763700000000, 1763700000300);
INSERT INTO project_keys VALUES ('path:/w/a', 1), ('remote:h.org/x/widgets', 1);
INSERT INTO places VALUES ('/w/a', 1, '/w/a', NULL, 'main', 1763700000000);
INSERT INTO sessions
    (id, agent, agent_session, project_id, cwd, transcript, started_at, last_at, begun_at)
VALUES (1, 'claude-code', 's1', 1, '/w/a', '/t/s1.jsonl', 1763700000000, 1763700000300, 1763700000000);
INSERT INTO turns
    (id, session_id, ordinal, prompt_id, project_id, branch, started_at, last_at, closed_at, changed_seq,
     distilled_seq, distilled_at, prompt)
VALUES (1, 1, 1, 'p1', 1, 'main', 1763700000100, 1763700000300, 1763700000300, 3, 3, 1763700000400,
        'lex tokens faster');
INSERT INTO observations
    (id, uuid, project_id, session_id, turn_id, slot, by, at, branch, written_at, content_hash, kind, title,
     subtitle, narrative, facts, concepts)
VALUES (1, '019aa000-0000-7000-8000-000000000002', 1, 1, 1, 'work', 'local', 1763700000300, 'main',
        1763700000400, x'00', 'refactor', 'tokens are lexed in one pass', '', '', '["one","two"]', '[]');
INSERT INTO observation_files VALUES (1, 1, 0, 'src/lex.rs');
INSERT INTO observation_sources VALUES (1, 0, 7);
INSERT INTO summaries
    (id, uuid, project_id, session_id, turn_id, by, at, branch, written_at, content_hash, request, investigated,
     learned, completed, next_steps, notes)
VALUES (1, '019aa000-0000-7000-8000-000000000003', 1, 1, 1, 'local', 1763700000300, 'main', 1763700000400, x'00',
        'lex tokens faster', '', '', '', 'none', '');
INSERT INTO tallies VALUES ('stored', 3);
UPDATE turns SET newest_event = 9, model_through = 9;
INSERT INTO batches
    (id, turn_id, session_id, part, after_event, through_event, asked, ordered_model, ordered_through, state,
     attempts, paid, due_at, created_at, settled_at)
VALUES (1, 1, 1, 1, 0, 9, 0, NULL, NULL, 'done', 1, 1, 1763700000500, 1763700000500, 1763700000900);
INSERT INTO requests
    (id, batch_id, session_id, project_id, at, state, model, run, through_event, est_tokens, est_money, input,
     output, cache_read, cache_write, money, priced, ended_at, outcome)
VALUES (1, 1, 1, 1, 1763700000600, 'settled', 'claude/haiku', 'r1', 9, 3000, 5000, 2500, 300, 100, 0, 4000,
        'told', 1763700000800, 'observed');
INSERT INTO observations
    (id, uuid, project_id, session_id, turn_id, slot, by, at, branch, written_at, content_hash, kind, title,
     subtitle, narrative, facts, concepts, superseded_by)
VALUES (2, '019aa000-0000-7000-8000-000000000004', 1, 1, 1, 'cure', 'local', 1763700000200, 'main',
        1763700000400, x'00', 'change', 'tokens by rule', '', '', '[]', '[]', 1);
UPDATE observations SET by = 'claude/haiku', slot = 'p1:1', request_id = 1 WHERE id = 1;
UPDATE summaries SET by = 'claude/haiku', request_id = 1 WHERE id = 1;
INSERT INTO summaries
    (id, uuid, project_id, session_id, turn_id, by, at, branch, written_at, content_hash, request, investigated,
     learned, completed, next_steps, notes, superseded_by)
VALUES (2, '019aa000-0000-7000-8000-000000000005', 1, 1, 1, 'local', 1763700000300, 'main', 1763700000400, x'00',
        'lex tokens', '', '', '', '', '', 1);
INSERT INTO marks VALUES ('pause', '1763700009999', 1763700000900);
INSERT INTO commits VALUES (1, 1, 1, 1, 1, 0, 1763700000200, 'main', '3f2a91c', 'lex tokens faster', '');
INSERT INTO vector_models VALUES (1, 'all-MiniLM-L6-v2', 2, 'f1', 5, 1, 1, 1, 5);
INSERT INTO vectors VALUES (1, 1, 77, 0.5, x'7f80');
