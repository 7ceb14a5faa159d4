//! Parameters of a stack that are declared no more, or never were.

use aws_sdk_cloudformation::types::{Parameter, Tag};

use super::project::Project;

/// Its output shows what nobody is shown otherwise: the value that the secret parameter has.
const TEMPLATE: &str = "\
Parameters:
  Password: { Type: String, NoEcho: true, Default: changeme-changeme }
  Days: { Type: Number, Default: 7 }
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: !Ref Days }
Outputs:
  Told: { Value: !Ref Password }
";

const LIVE: &str = "what-the-database-was-made-with";

fn declare(project: &Project, stack: &str) {
    let text = format!(
        "project = \"review\"\n[aws]\nregion = \"us-west-2\"\naccount = \"{}\"\n[secrets]\nenv = \
         [\".env.secret\"]\n[stacks.data]\nstack_name = \"data\"\ntemplate = \"data\"\n{stack}",
        project.account
    );
    project.write("environments/test.toml", &text);
}

async fn project(account: &str) -> Project {
    let project = Project::new(account).await;
    project.write("stacks/data.yaml", TEMPLATE);
    project.write(".env.secret", &format!("PASSWORD={LIVE}\n"));
    project
}

/// The secret that the stack has.
async fn told(project: &Project) -> String {
    let client = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let seen = client.describe_stacks().stack_name("data").send().await;
    let stack = seen.unwrap().stacks.unwrap().remove(0);
    let output = &stack.outputs()[0];
    output.output_value().unwrap().to_owned()
}

#[tokio::test]
async fn a_secret_that_is_declared_no_more_stays_as_it_is_whatever_else_changes() {
    let project = project("600000000210").await;
    declare(&project, "parameters.Password = \"{{ env.PASSWORD }}\"\n");
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(told(&project).await, LIVE);

    declare(&project, "");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
    declare(&project, "tags.cost = \"7\"\nparameters.Days = 14\n");
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("The secret parameter `Password` is not declared: it keeps its value.");
    assert_eq!(told(&project).await, LIVE);

    // Nor does another default reach a stack that has a value.
    project.write(
        "stacks/data.yaml",
        &TEMPLATE.replace("changeme-changeme", "changed-changed"),
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(told(&project).await, LIVE);

    // What is only in an output is no change to CloudFormation: something else has to come with it.
    declare(&project, "parameters.Days = 30\n");
    project.write(
        "stacks/data.yaml",
        &TEMPLATE.replace("Password", "Passphrase"),
    );
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("parameters.Passphrase")
        .prints("the template's default");
    assert_eq!(told(&project).await, "changeme-changeme");
}

#[tokio::test]
async fn a_stack_that_is_adopted_keeps_the_secret_that_nobody_declares() {
    let project = project("600000000911").await;
    let client = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let parameter = |name: &str, value: &str| {
        let parameter = Parameter::builder().parameter_key(name);
        parameter.parameter_value(value).build()
    };
    client
        .create_stack()
        .stack_name("data")
        .template_body(TEMPLATE)
        .parameters(parameter("Password", LIVE))
        .parameters(parameter("Days", "30"))
        .tags(Tag::builder().key("made-by").value("hand").build())
        .send()
        .await
        .unwrap();
    declare(&project, "adopt = true\n");
    let planned = project.run(&["plan", "test"]).ends(0);
    let planned = planned.prints("The secret parameter `Password` is not declared");
    // What can be told is not kept but shown.
    planned.prints("parameters.Days").prints("30");
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(told(&project).await, LIVE);
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}
