//! Names that come as they are or at the end of an ARN: outputs of stacks are either, and AWS takes both.

/// The name of a role, a policy, a cluster or a service, without the path or the cluster before it.
pub fn name(of: &str) -> &str {
    of.rsplit('/').next().unwrap_or(of)
}

/// The family in its own name, in `FAMILY:REVISION`, or in `…:task-definition/FAMILY:REVISION`.
pub fn family(of: &str) -> &str {
    let name = name(of);
    name.split(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_however_it_is_written() {
        let cluster = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";
        assert_eq!([name(cluster), name("main")], ["main"; 2]);
        let service = "arn:aws:ecs:eu-west-1:123456789012:service/main/web";
        assert_eq!([name(service), name("web")], ["web"; 2]);
        let task = "arn:aws:ecs:eu-west-1:123456789012:task-definition/app:7";
        assert_eq!([task, "app:7", "app"].map(family), ["app"; 3]);
    }
}
