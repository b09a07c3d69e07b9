-- What a timeline is walked by, beside the indexes of observations and summaries: prompts, and what the agent said.
CREATE INDEX turns_newest ON turns (project_id, started_at DESC, id DESC);
CREATE INDEX events_answers ON events (project_id, at DESC, id DESC)
    WHERE kind IN ('answered', 'subagent_stopped', 'compacted');
