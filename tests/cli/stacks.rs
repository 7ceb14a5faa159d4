//! Stacks of which nobody can tell whether they are as declared, and stacks that hold data.

use super::project::{LOG, Project};

/// An environment of one stack.
async fn project(account: &str, stack: &str) -> Project {
    let project = Project::new(account).await;
    declare(&project, stack);
    project
}

fn declare(project: &Project, stack: &str) {
    let text = format!(
        "project = \"review\"\n[aws]\nregion = \"us-west-2\"\naccount = \"{}\"\n{stack}",
        project.account
    );
    project.write("environments/test.toml", &text);
}

#[tokio::test]
async fn what_cloudformation_finds_no_change_in_ends_well() {
    let project = project("600000000121", "[stacks.log]\ntemplate = \"log\"\n").await;
    project.write("stacks/log.yaml", LOG);
    project.run(&["apply", "test", "--yes"]).ends(0);
    // CloudFormation would change nothing by these, and that can be known.
    let described = format!("# Where lines go.\nDescription: Lines\n{LOG}");
    project.write("stacks/log.yaml", &described);
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
    // Whether a mapping is used only CloudFormation knows.
    let unused = format!("Mappings: {{ Days: {{ Week: {{ Are: 7 }} }} }}\n{LOG}");
    project.write("stacks/log.yaml", &unused);
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("CloudFormation finds nothing to change")
        .says("Done: no changes.");
    // It is known from then on, until another difference comes.
    let planned = |code| {
        project
            .run(&["plan", "test", "--detailed-exitcode"])
            .ends(code)
    };
    planned(0).prints("Nothing to do");
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: no changes.");
    planned(0);
    project.write("stacks/log.yaml", &unused.replace("Are: 7", "Are: 8"));
    planned(2);
    let kept = unused.replace("RetentionInDays: 7", "RetentionInDays: 14");
    project.write("stacks/log.yaml", &kept);
    project.run(&["apply", "test", "--yes"]).ends(0);
    planned(0);
}

#[tokio::test]
async fn a_secret_too_short_to_be_remembered_is_sent_each_time_and_ends_well() {
    let stack = "[secrets]\nenv = [\".env.secret\"]\n[stacks.log]\ntemplate = \"log\"\n\
                 parameters.Password = \"{{ env.PASSWORD }}\"\n";
    let project = project("600000000122", stack).await;
    project.write(".env.secret", "PASSWORD=short\n");
    let template = format!("Parameters:\n  Password: {{ Type: String, NoEcho: true }}\n{LOG}");
    project.write("stacks/log.yaml", &template);
    for _ in 0..2 {
        project
            .run(&["apply", "test", "--yes"])
            .ends(0)
            .prints("they are sent each time");
    }
}

#[tokio::test]
async fn a_stack_that_holds_data_and_is_declared_no_more_goes_by_its_name_only() {
    let project = project("600000000123", "[stacks.data]\ntemplate = \"data\"\n").await;
    project.write(
        "stacks/data.yaml",
        "Resources: { Files: { Type: AWS::S3::Bucket } }\n",
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    declare(&project, "");
    project
        .run(&["apply", "test", "--yes"])
        .ends(6)
        .says("the stack holds data")
        .says("--yes-delete review-test-data");
    project
        .run(&["apply", "test", "--yes", "--yes-delete", "review-test-data"])
        .ends(0)
        .prints("1 to delete");
}

#[tokio::test]
async fn data_that_only_macros_name_goes_by_the_name_of_its_stack_only() {
    let stack = "[stacks.data]\ntemplate = \"data\"\ncapabilities = [\"CAPABILITY_AUTO_EXPAND\"]\n";
    let project = project("600000000124", stack).await;
    project.write(
        "stacks/data.yaml",
        "Transform: AWS::LanguageExtensions\nResources:\n  Fn::ForEach::Tables:\n    - Name\n    - [One, Two]\n    \
         - Table${Name}:\n        Type: AWS::DynamoDB::Table\n        Properties:\n          BillingMode: \
         PAY_PER_REQUEST\n          KeySchema: [{ AttributeName: id, KeyType: HASH }]\n          \
         AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]\n",
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    let data =
        "With it goes what is in TableOne (AWS::DynamoDB::Table), TableTwo (AWS::DynamoDB::Table).";
    project
        .run(&["destroy", "test", "--yes"])
        .ends(6)
        .says(data);
    declare(&project, "");
    project.run(&["apply", "test", "--yes"]).ends(6).says(data);
}

#[tokio::test]
async fn what_a_deletion_policy_keeps_is_named_in_the_plan_and_needs_no_name_typed() {
    let project = project("600000000125", "[stacks.data]\ntemplate = \"data\"\n").await;
    project.write(
        "stacks/data.yaml",
        "Resources: { Files: { Type: AWS::S3::Bucket, DeletionPolicy: Retain } }\n",
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    project
        .run(&["destroy", "test", "--yes"])
        .ends(0)
        .prints("By its DeletionPolicy this stays: Files (AWS::S3::Bucket).");
}

#[tokio::test]
async fn a_stack_that_imports_what_another_exports_comes_after_it_and_goes_before_it() {
    // By their names alone the importer would be first.
    let stacks = "[stacks.app]\ntemplate = \"app\"\nparameters.Network = \"{{ stacks.net.name }}\"\n\
                  [stacks.batch]\ntemplate = \"app\"\nparameters.Network = \"review-test-net\"\n\
                  [stacks.net]\ntemplate = \"net\"\n\
                  [stacks.aside]\ntemplate = \"log\"\nneeds = [\"stacks.net\"]\n";
    let project = project("600000000942", stacks).await;
    project.write("stacks/log.yaml", LOG);
    let exporting = "Export: { Name: !Sub \"${AWS::StackName}-Log\" }, Value: !Ref Log";
    project.write(
        "stacks/net.yaml",
        &LOG.replace("Value: !Ref Log", exporting),
    );
    let importing = format!(
        "Parameters: {{ Network: {{ Type: String }} }}\n{LOG}  Of: {{ Value: !ImportValue {{ 'Fn::Sub': '${{Network}}-Log' }} }}\n"
    );
    project.write("stacks/app.yaml", &importing);
    let order = |objects: &[serde_json::Value]| -> Vec<String> {
        let begun = objects.iter().filter(|one| one["event"] == "acting");
        begun
            .map(|one| one["address"].as_str().unwrap().to_owned())
            .collect()
    };
    let applied = project.run(&["apply", "test", "--yes", "--json"]).ends(0);
    let order_of_making = order(&applied.objects());
    assert_eq!(order_of_making.len(), 4);
    assert_eq!(order_of_making[0], "stacks.net");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
    let gone = project.run(&["destroy", "test", "--yes", "--json"]).ends(0);
    assert_eq!(order(&gone.objects()).last().unwrap(), "stacks.net");
}
