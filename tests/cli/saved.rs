//! A plan in a file: exactly it is applied, or nothing.

use std::fs;

use super::project::{Project, Ran};

#[tokio::test]
async fn a_saved_plan_is_applied_as_it_was_saved() {
    let project = Project::small("600000000011", "").await;
    let file = project.beside("a plan").display().to_string();
    project
        .run(&["plan", "test", "--out", &file])
        .ends(0)
        .says("Saved.");
    assert_eq!(project.roles().await, Vec::<String>::new());
    project
        .run(&["apply", &file])
        .ends(0)
        .says("Done: 4 changes.");
    assert_eq!(project.roles().await, ["review-worker"]);
    // What it was about is done by now, so it no longer holds, and that alone is said.
    let stale = project
        .run(&["apply", &file])
        .ends(5)
        .says("the plan is stale");
    assert_eq!(stale.out, "");
}

#[tokio::test]
async fn a_plan_that_is_not_there_is_not_taken_for_an_environment() {
    let project = Project::small("600000000019", "").await;
    for name in ["tets.plan", "./test", "/nowhere/plan"] {
        let refused = project.run(&["apply", name, "--yes"]).ends(1);
        let refused = refused.says("there is no such plan").says(name);
        // To propose `test` here would be to propose what nobody planned.
        assert!(!refused.err.contains("did you mean"), "{}", refused.err);
    }
    assert_eq!(project.roles().await, Vec::<String>::new());
    project
        .run(&["apply", "tets", "--yes"])
        .ends(1)
        .says("did you mean `test`");
}

#[tokio::test]
async fn a_saved_plan_is_refused_when_the_world_moved() {
    let project = Project::small("600000000012", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.write("settings.py", "DEBUG = True\n");
    let file = project.beside("plan").display().to_string();
    project.run(&["plan", "test", "--out", &file]).ends(0);
    let iam = project.iam().await;
    let untag = iam.untag_role().role_name("review-worker");
    untag.tag_keys("landfall:environment").send().await.unwrap();
    iam.tag_role()
        .role_name("review-worker")
        .tags(tag("landfall:environment", "review/test"))
        .tags(tag("moved", "yes"))
        .send()
        .await
        .unwrap();
    let detach = iam.detach_role_policy().role_name("review-worker");
    detach
        .policy_arn("arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role")
        .send()
        .await
        .unwrap();
    project
        .run(&["apply", &file])
        .ends(5)
        .says("this moved: roles.worker.")
        .says("Nothing was changed.");
    let object = project.s3().await.get_object().bucket(project.bucket());
    let object = object.key("settings.py").send().await.unwrap();
    let body = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(body.as_ref(), b"DEBUG = False\n");
}

#[tokio::test]
async fn a_saved_plan_is_refused_when_the_file_it_came_from_was_edited() {
    let project = Project::small("600000000013", "").await;
    let file = project.beside("plan").display().to_string();
    project.run(&["plan", "test", "--out", &file]).ends(0);
    project.declare("# a remark\n");
    project
        .run(&["apply", &file])
        .ends(5)
        .says("the environment's file");
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_edited_or_cut_plan_is_refused() {
    let project = Project::small("600000000014", "").await;
    let file = project.beside("plan");
    let name = file.display().to_string();
    project.run(&["plan", "test", "--out", &name]).ends(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("review-worker", "review-boss")).unwrap();
    project
        .run(&["apply", &name])
        .ends(1)
        .says("It was altered after it was saved.");
    fs::write(&file, &text[..text.len() / 2]).unwrap();
    project
        .run(&["apply", &name])
        .ends(1)
        .says("It is no saved plan");
    fs::write(&file, "").unwrap();
    project
        .run(&["apply", &name])
        .ends(1)
        .says("It is no saved plan");
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn where_nothing_can_be_written_is_told_before_anybody_is_asked() {
    let project = Project::small("600000000015", "").await;
    let without = "http://127.0.0.1:9";
    let out = project.beside("none/deep/plan").display().to_string();
    let folder = project.beside("none/deep").display().to_string();
    let plan = |out: &str| {
        let mut command = project.command(&["plan", "test", "--out", out]);
        Ran::of(command.env("AWS_ENDPOINT_URL", without)).ends(1)
    };
    plan(&out)
        .says("the plan cannot be saved")
        .says(&format!("There is no folder {folder}."))
        .says(&format!("mkdir -p {folder}"));
    plan(&project.root().display().to_string()).says("is a folder");
    plan("/dev/null").says("a pipe or a device");
    plan("/proc/plan").says("takes no file");
    plan("settings.py/plan").says("settings.py is a file, and no folder");
    assert!(!project.beside("none").exists());
    for (out, why) in [
        ("settings.py", "settings.py is a file, and no folder"),
        ("settings.py/ci", "settings.py is a file, and no folder"),
        ("/proc/none/ci", "takes no file"),
    ] {
        project
            .run(&["targets", "export", "test", "--out", out])
            .ends(1)
            .says("the export cannot be written")
            .says(why);
    }
    let known_hosts = project.root().join("environments/known_hosts");
    std::os::unix::fs::symlink("/proc/version", known_hosts).unwrap();
    project
        .run(&["host", "trust", "127.0.0.1", "--port", "9"])
        .ends(1)
        .says("the file of host keys cannot be written")
        .says("no key was trusted");
}

fn tag(key: &str, value: &str) -> aws_sdk_iam::types::Tag {
    aws_sdk_iam::types::Tag::builder()
        .key(key)
        .value(value)
        .build()
        .unwrap()
}
