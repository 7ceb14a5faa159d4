//! Room for steps within steps: blocks and includes lie in each other, and each takes stack of its own.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use futures::future::BoxFuture;

/// A walk of steps, which finds room on the stack however deep it lies.
pub struct GrowingStack<'a, T>(pub BoxFuture<'a, T>);

/// What must be left of the stack before a list of steps is walked: what one step may take until the next list, a
/// template among it. Half of what a worker thread has.
const RED_ZONE: usize = 1 << 20;
/// How much is added where less is left.
const SEGMENT: usize = 4 << 20;

impl<T> Future for GrowingStack<'_, T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        stacker::maybe_grow(RED_ZONE, SEGMENT, || self.0.as_mut().poll(context))
    }
}
