//! Passwords: Argon2id, two derivations at a time.

use ::store::Entropy;
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::{AccessError, Result};

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
/// Shortest password in characters (NIST SP 800-63B: length counts, not kinds of characters).
pub const SHORTEST: usize = 12;
/// A longer one is a mistake or an attack.
pub const LONGEST: usize = 200;

/// Each derivation takes 19 MiB and a core; a flood of log-ins must not take the machine.
static PLACES: Semaphore = Semaphore::const_new(2);

/// A hash to compare with where there is no account, so that both take the same time.
const NOBODY: &str = "argon2id$19456$2$00000000000000000000000000000000$0000000000000000000000000000000000000000000000000000000000000000";

fn derive(password: &str, salt: &[u8], memory: u32, passes: u32) -> Option<[u8; 32]> {
    let params = Params::new(memory, passes, 1, Some(32)).ok()?;
    let mut out = [0u8; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut out)
        .ok()?;
    Some(out)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Refuses a password that would be guessed; the sentence is for the person who chose it.
pub fn check(password: &str, login: &str) -> Result<()> {
    let wrong = |reason: &str| Err(AccessError::Invalid { field: "password", reason: reason.into() });
    let length = password.chars().count();
    if length < SHORTEST {
        return wrong(
            "パスワードは12文字以上にしてください。好きなことばをいくつか並べると、長くても覚えやすくなります。",
        );
    }
    if length > LONGEST {
        return wrong("パスワードは200文字までにしてください。");
    }
    if !login.is_empty() && password.to_lowercase().contains(&login.to_lowercase()) {
        return wrong("パスワードにログイン名が入っています。別のことばにしてください。");
    }
    let mut letters: Vec<char> = password.chars().collect();
    letters.sort_unstable();
    letters.dedup();
    if letters.len() < 5 {
        return wrong("同じ文字のくり返しは、すぐに当てられてしまいます。別のことばにしてください。");
    }
    Ok(())
}

/// The text to be stored for a password: algorithm, memory, passes, salt, hash.
pub async fn hash(password: &str, entropy: Entropy<'_>) -> Result<String> {
    let mut salt = [0u8; 16];
    entropy.fill_bytes(&mut salt);
    let password = password.to_owned();
    let hash = in_place(move || derive(&password, &salt, MEMORY_KIB, PASSES)).await?;
    let hash = hash.ok_or_else(|| ::store::StoreError::Key("the password could not be hashed".into()))?;
    Ok(format!("argon2id${MEMORY_KIB}${PASSES}${}${}", ::store::secret::hex(&salt), ::store::secret::hex(&hash)))
}

/// Whether a password is the stored one; without a stored one the same work is done and the answer is no.
pub async fn verify(password: &str, stored: Option<&str>) -> Result<bool> {
    let known = stored.is_some();
    let (password, stored) = (password.to_owned(), stored.unwrap_or(NOBODY).to_owned());
    let same = in_place(move || {
        let mut parts = stored.split('$');
        let (_, memory, passes) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (salt, hash) = (from_hex(parts.next()?)?, from_hex(parts.next()?)?);
        let derived = derive(&password, &salt, memory, passes)?;
        Some(::store::secret::same(&derived, &hash))
    })
    .await?;
    Ok(same == Some(true) && known)
}

/// Waits for one of the two places and computes away from the threads that serve pages.
async fn in_place<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _place = PLACES.acquire().await.map_err(|_| ::store::StoreError::Busy("log-in".into()))?;
    tokio::task::spawn_blocking(work).await.map_err(|_| ::store::StoreError::Busy("log-in".into()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[testkit::tokio::test]
    async fn only_the_same_password_opens() {
        let mut rng = testkit::Randomness::new(1).rng();
        let stored = hash("正しい馬 電池 ホチキス", &mut rng).await.expect("hashed");
        assert!(verify("正しい馬 電池 ホチキス", Some(&stored)).await.expect("verified"));
        assert!(!verify("正しい馬 電池 ホチキズ", Some(&stored)).await.expect("verified"));
        assert!(!verify("", None).await.expect("verified"));
        assert!(!verify("x", Some("damaged")).await.expect("verified"));
        assert_ne!(stored, hash("正しい馬 電池 ホチキス", &mut rng).await.expect("hashed"), "each has its own salt");
    }

    #[test]
    fn passwords_that_would_be_guessed_are_refused() {
        for wrong in ["short", "aaaaaaaaaaaaaaaa", "koho-sakusei-1234", &"ながい".repeat(100)] {
            assert!(check(wrong, "koho-sakusei").is_err(), "{wrong}");
        }
        assert!(check("ひるやすみに カレーうどん", "koho-sakusei").is_ok());
    }
}
