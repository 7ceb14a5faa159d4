//! What a task that runs once is to do.

/// What is run.
pub(super) struct Job<'a> {
    /// The cluster's name.
    pub(super) cluster: &'a str,
    /// The family, or a revision's ARN.
    pub(super) task_definition: &'a str,
    /// The container whose command is replaced.
    pub(super) container: &'a str,
    /// The command.
    pub(super) command: &'a [String],
    /// On which instances it runs; none for whatever ECS takes.
    pub(super) launch_type: Option<&'a str>,
    /// By this a task is found that a cut run left running.
    pub(super) token: &'a str,
}

/// What is being done, for messages.
pub(super) fn what(job: &Job<'_>) -> String {
    format!(
        "running {} once on the cluster {}",
        job.task_definition, job.cluster
    )
}
