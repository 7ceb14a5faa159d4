//! How often a host is asked when nothing is to be done.

use std::sync::atomic::Ordering;

use landfall::cli::{
    Context,
    session::{PlanMode, Session, Substitutes},
};
use landfall::plan;
use landfall::view::Style;

use super::*;
use crate::support::project::Project;

/// The shipped environment with its host and without AWS, for this host.
fn quickstart(test: &TestHost) -> Project {
    let text = include_str!("../../environments/quickstart.toml");
    let mut environment: toml::Table = text.parse().unwrap();
    environment
        .retain(|key, _| ["project", "keys", "certificates", "hosts", "targets"].contains(&key));
    let targets = environment["targets"].as_table_mut().unwrap();
    targets.retain(|name, _| name == "web-1");
    let host = environment["hosts"]["web-1"].as_table_mut().unwrap();
    host.insert("address".into(), test.login.address.clone().into());
    host.insert(
        "identity".into(),
        test.login.identity.clone().unwrap().into(),
    );
    let project = Project::empty(test);
    project.write("environments/quickstart.toml", &environment.to_string());
    project
}

#[tokio::test]
async fn a_plan_of_the_quickstarts_host_with_nothing_to_do_takes_six_round_trips_at_the_most() {
    let test = TestHost::boot("asked", "root").await;
    let project = quickstart(&test);
    project.landfall(&["apply", "quickstart", "--yes"]).with(0);
    let context = Context {
        folder: project.path().to_owned(),
        style: Style::detect(false),
        json: false,
        asks: false,
        redactor: Default::default(),
    };
    let nothing = Substitutes::default();
    let planned = Session::run(&context, "quickstart", &nothing, async |session| {
        let work = session.work(PlanMode::Normal).await?;
        let plan = plan::plan(&session.site, &work, session.limits()).await;
        Ok((plan, session.round_trips.load(Ordering::Relaxed)))
    })
    .await;
    let Ok((plan, round_trips)) = planned else {
        panic!("the plan failed");
    };
    assert!(plan.is_empty(), "{plan:#?}");
    eprintln!("{round_trips} round trips");
    assert!((1..=6).contains(&round_trips), "{round_trips} round trips");
}
