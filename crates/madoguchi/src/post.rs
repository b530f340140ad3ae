//! Where a city's mail goes: `[city.mail]` and `simulators` of the configuration.

use std::path::PathBuf;

use mail::Post;
use mail::mime::Sender;
use mail::smtp::{self, Security, Server};
use serde::Deserialize;
use store::Secret;

use crate::config::{CityConfig, Config};
use crate::failure::{Code, Failure};

/// A city's mail server.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MailConfig {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    #[serde(default = "starttls")]
    pub(crate) security: Security,
    #[serde(default)]
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) password_file: String,
    #[serde(default)]
    pub(crate) ca_file: String,
    #[serde(default)]
    pub(crate) from_name: String,
    pub(crate) from_address: String,
    #[serde(default)]
    pub(crate) helo: String,
}

fn starttls() -> Security {
    Security::StartTls
}

/// RFC 8314 §3.3 and RFC 6409 §3.1; without encryption, a server on the same machine.
fn usual_port(security: Security) -> u16 {
    match security {
        Security::Tls => 465,
        Security::StartTls => 587,
        Security::None => 25,
    }
}

impl Config {
    /// Where a city's mail goes. Everything that can be wrong with it before a connection is told here.
    pub(crate) fn post(&self, city: &CityConfig) -> Result<Post, Failure> {
        let Some(mail) = &city.mail else {
            return Ok(if self.simulators { Post::Mailbox } else { Post::NotSetUp });
        };
        let wrong =
            |reason: String| Failure::new(Code::Configuration, format!("[city.mail] of {}: {reason}", city.name));
        let sender = Sender { name: mail.from_name.clone(), address: mail.from_address.clone() };
        mail::mime::check_sender(&sender).map_err(|e| wrong(e.to_string()))?;
        let helo = match mail.helo.as_str() {
            "" => mail.from_address.rsplit_once('@').map_or("", |(_, host)| host).to_owned(),
            name => name.to_owned(),
        };
        let server = Server {
            host: mail.host.clone(),
            port: mail.port.unwrap_or(usual_port(mail.security)),
            security: mail.security,
            login: self.login(mail).map_err(&wrong)?,
            ca_file: Some(mail.ca_file.as_str()).filter(|f| !f.is_empty()).map(|f| self.resolve(f)),
            helo,
            timeout: smtp::TIMEOUT,
            last_timeout: smtp::LAST_TIMEOUT,
        };
        smtp::check(&server).map_err(wrong)?;
        Ok(Post::Server { server, sender })
    }

    fn login(&self, mail: &MailConfig) -> Result<Option<(String, Secret<String>)>, String> {
        match (mail.user.as_str(), mail.password_file.as_str()) {
            ("", "") => Ok(None),
            ("", _) => Err("password_file needs a user".into()),
            (_, "") => Err("user needs a password_file, a file that holds the password and nothing else".into()),
            (user, file) => {
                let path: PathBuf = self.resolve(file);
                let text = std::fs::read_to_string(&path)
                    .map_err(|e| format!("password_file {} cannot be read: {e}", path.display()))?;
                Ok(Some((user.to_owned(), Secret::new(text.trim_end_matches(['\r', '\n']).to_owned()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(top: &str, mail: &str) -> Result<Post, String> {
        let text = format!("{top}\n[[city]]\nname = \"a\"\nhosts = [\"h\"]\ndatabase = \"sqlite:a\"\n{mail}");
        let config: Config = toml::from_str(&text).map_err(|e| e.to_string())?;
        config.post(&config.city[0]).map_err(|failure| failure.message)
    }

    #[test]
    fn a_server_goes_before_the_mailbox_and_the_mailbox_must_be_asked_for() {
        let mail = "[city.mail]\nhost = \"mx\"\nfrom_address = \"m@city.example\"\n";
        assert!(matches!(post("", ""), Ok(Post::NotSetUp)));
        assert!(matches!(post("simulators = true", ""), Ok(Post::Mailbox)));
        let Ok(Post::Server { server, .. }) = post("simulators = true", mail) else { panic!("no server") };
        assert_eq!((server.security, server.port, server.helo.as_str()), (Security::StartTls, 587, "city.example"));
        let Ok(Post::Server { server, .. }) = post("", &format!("{mail}security = \"tls\"\nhelo = \"w.example\""))
        else {
            panic!("no server")
        };
        assert_eq!((server.security, server.port, server.helo.as_str()), (Security::Tls, 465, "w.example"));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let mail = "[city.mail]\nhost = \"mx\"\nfrom_address = \"m@city.example\"\n";
        for (line, part) in [
            ("user = \"m\"", "needs a password_file"),
            ("password_file = \"p\"", "needs a user"),
            ("user = \"m\"\npassword_file = \"/nowhere/p\"", "/nowhere/p cannot be read"),
            ("ca_file = \"/nowhere/ca.pem\"", "/nowhere/ca.pem"),
            ("helo = \"a b\"", "no host name"),
            ("security = \"ssl\"", "starttls"),
            ("pasword_file = \"p\"", "password_file"),
        ] {
            let error = post("", &format!("{mail}{line}\n")).expect_err(line);
            assert!(error.contains(part), "{part:?} is not in {error}");
        }
        let error = post("", "[city.mail]\nhost = \"mx\"\nfrom_address = \"nobody\"\n").expect_err("refused");
        assert!(error.contains("from_address"), "{error}");
    }
}
