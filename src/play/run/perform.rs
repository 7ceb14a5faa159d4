//! Handing a change on to the executor.

use crate::{
    model::{Change, Event, Failure, World},
    observe::Remembered,
    play::{executor::Performed, run::Run, scope::task_item::TaskItem},
};

impl Run {
    /// Hands a change on, and tells before and after it that it is made.
    pub async fn hand_on(
        &mut self,
        task_item: &TaskItem<'_>,
        world: &Remembered,
        change: &Change,
        visible: &Change,
    ) -> Result<Performed, Failure> {
        let task = Some(task_item.title());
        self.recorder.tell(|address| Event::Acting {
            address: address.clone(),
            task: task.clone(),
            change: visible.clone(),
        });
        let performed = self
            .hand_on_quietly(task_item, world, change, visible)
            .await?;
        self.recorder.tell(|address| Event::Acted {
            address: address.clone(),
            task,
        });
        Ok(performed)
    }

    /// Hands a change on that is none of the playbook's: the journal has it, and nobody waits for it.
    pub async fn hand_on_quietly(
        &mut self,
        task_item: &TaskItem<'_>,
        world: &Remembered,
        change: &Change,
        visible: &Change,
    ) -> Result<Performed, Failure> {
        let walk = self.walk.clone();
        let progress = walk
            .events
            .progress(&walk.address)
            .hidden(task_item.keywords.no_log);
        let world: &dyn World = world;
        let performed = walk
            .executor
            .perform(
                world,
                &walk.address,
                &task_item.title(),
                change,
                visible,
                &progress,
            )
            .await?;
        self.acted();
        Ok(performed)
    }
}
