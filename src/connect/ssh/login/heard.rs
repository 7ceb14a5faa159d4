//! What a program says that may say anything, for any time.

use tokio::io::AsyncReadExt;

/// What is kept: lectures and messages of the day are shorter, and so is what ssh says of a handshake.
const KEPT: usize = 64 << 10;

/// What may be printed where nothing of ours is answered: greetings, messages of the day, what background jobs say. In
/// bytes.
pub const NOISE: usize = 1 << 20;

/// What a stream said so far; of much, the newest.
#[derive(Default)]
pub struct Heard {
    bytes: Vec<u8>,
    /// How many bytes came in all.
    pub total: usize,
    /// Whether there comes no more.
    pub ended: bool,
}

impl Heard {
    /// Waits for more.
    pub async fn read(&mut self, stream: &mut (impl AsyncReadExt + Unpin)) {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => self.ended = true,
            Ok(count) => {
                self.bytes.extend_from_slice(&buffer[..count]);
                let over = self.bytes.len().saturating_sub(KEPT);
                self.bytes.drain(..over);
                self.total += count;
            }
        }
    }

    /// What was said; of much, the newest.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// Whether this was said.
    pub fn has(&self, word: &str) -> bool {
        self.count(word) > 0
    }

    /// How often this was said.
    pub fn count(&self, word: &str) -> usize {
        self.text().matches(word).count()
    }
}
