//! The configuration: where it is, what stands in it, which city is meant.

use crate::support::{City, Said, code, madoguchi, run};

/// Runs a command that needs a configuration, with this one.
#[track_caller]
fn refused(text: &str, parts: &[&str]) {
    let city = City::configured("sqlite:x.db");
    std::fs::write(&city.config, text).expect("written");
    let said = city.run(["migrate"]).failed(code::CONFIGURATION, parts);
    assert!(said.contains(&city.config.display().to_string()), "{said}");
}

#[test]
fn a_configuration_that_is_not_there_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let run_in = |command: &mut std::process::Command| {
        command.current_dir(folder.path());
        let arguments: Vec<&str> = vec!["export", "faq", "x.csv"];
        command.args(arguments);
    };
    let hint = "name one with --config, or make a city with `madoguchi demo` or `madoguchi init`";
    let mut command = madoguchi();
    run_in(&mut command);
    Said::of(command).failed(code::CONFIGURATION, &["the configuration madoguchi.toml cannot be read", hint]);
    let mut command = madoguchi();
    command.env("MADOGUCHI_CONFIG", "elsewhere.toml");
    run_in(&mut command);
    Said::of(command).failed(code::CONFIGURATION, &["the configuration elsewhere.toml cannot be read", hint]);
    let mut command = madoguchi();
    command.args(["--config", "named.toml"]);
    run_in(&mut command);
    Said::of(command).failed(code::CONFIGURATION, &["the configuration named.toml cannot be read", hint]);
    // A folder, and bytes that are no text.
    run(["--config".as_ref(), folder.path().as_os_str(), "serve".as_ref()])
        .failed(code::CONFIGURATION, &["cannot be read"]);
    std::fs::write(folder.path().join("madoguchi.toml"), b"\xFF\xFE").expect("written");
    let mut command = madoguchi();
    run_in(&mut command);
    Said::of(command).failed(code::CONFIGURATION, &["madoguchi.toml cannot be read"]);
}

#[test]
fn the_environment_and_the_working_folder_name_a_configuration() {
    let city = City::demo();
    let mut command = madoguchi();
    command.args(["export", "faq", "faq.csv"]).current_dir(city.folder());
    Said::of(command).done();
    let mut command = madoguchi();
    command.arg("migrate").env("MADOGUCHI_CONFIG", &city.config);
    assert!(Said::of(command).done().contains("minamo: nothing to do"));
}

#[test]
fn what_is_wrong_in_a_configuration_is_told_with_its_line() {
    let city = "[[city]]\nname = \"a\"\nhosts = [\"a.example\"]\ndatabase = \"sqlite:a.db\"\n";
    refused(
        "log = \"info\"\ndictionery = \"x\"\n",
        &["line 2", "dictionery", "`dictionary`", "madoguchi.default.toml shows every key"],
    );
    refused(&city.replace("hosts", "host"), &["line 3", "host", "`hosts`"]);
    refused(&city.replace("database", "# "), &["missing field `database`"]);
    refused("log = \"loud\"\n", &["log = \"loud\": say error, warn, info, debug or trace"]);
    refused("log = info\n", &["line 1"]);
    refused("[[listen]]\naddress = \"here\"\nfaces = []\n", &["line 2"]);
    refused("[[listen]]\naddress = \"127.0.0.1:1\"\nfaces = [\"private\"]\n", &["line 3", "private", "`public`"]);
    refused("trusted_proxies = [\"proxy\"]\n", &["line 1"]);
    refused(&format!("{city}{city}"), &["two cities have the name \"a\""]);
    refused(
        &format!("{city}{}", city.replace("\"a\"", "\"b\"")),
        &["the host \"a.example\" belongs to two cities, \"a\" and \"b\""],
    );
    refused(
        &city.replace("a.example", "https://a.example"),
        &["\"https://a.example\" is not a host name: write it without scheme and path"],
    );
    refused(&city.replace("[\"a.example\"]", "[]"), &["every [[city]] needs a name and at least one host"]);
}

#[test]
fn what_is_wrong_with_the_account_on_line_is_told() {
    let city = City::demo();
    let right = std::fs::read_to_string(&city.config).expect("read");
    std::fs::write(city.path("line.secret"), "secret\n").expect("written");
    std::fs::write(city.path("empty"), " \n").expect("written");
    let line = "channel_id = \"1\"\nchannel_secret_file = \"line.secret\"\npages = \"https://city.example\"\n";
    let with = |from: &str, to: &str| {
        std::fs::write(&city.config, format!("{right}\n[city.line]\n{}", line.replace(from, to))).expect("written");
        city.run(["serve"])
    };
    let refused = |from: &str, to: &str, parts: &[&str]| {
        with(from, to).failed(code::CONFIGURATION, parts);
    };
    refused("line.secret", "none", &["[city.line] of minamo: channel_secret_file", "none cannot be read"]);
    refused("line.secret", "empty", &["channel_secret_file", "empty is empty"]);
    refused(
        "https://",
        "ftp://",
        &["pages = \"ftp://city.example\": write the address of the citizens' pages, with https://"],
    );
    refused("pages", "rate_percent = 101\npages", &["rate_percent is the share of LINE's rates", "from 1 to 100"]);
    refused("pages", "access_token_file = \"none\"\npages", &["access_token_file", "none cannot be read"]);
    refused("channel_id", "chanel_id", &["chanel_id", "`channel_id`"]);
}

#[test]
fn the_city_that_is_meant_must_be_clear() {
    let city = City::demo();
    let parts = ["the configuration has no city \"nowhere\"; it has: minamo"];
    city.run(["--city", "nowhere", "export", "faq", "x.csv"]).failed(code::CONFIGURATION, &parts);
    let one = std::fs::read_to_string(&city.config).expect("read");
    let two =
        format!("{one}\n[[city]]\nname = \"other\"\nhosts = [\"other.example\"]\ndatabase = \"sqlite:other.db\"\n");
    std::fs::write(&city.config, two).expect("written");
    for command in
        [&["export", "faq", "x.csv"][..], &["import", "faq", "madoguchi.toml"], &["backup", "b"], &["ask", "x"]]
    {
        city.run(command.iter().copied())
            .failed(code::CONFIGURATION, &["choose one of the cities with --city: minamo, other"]);
    }
    city.run(["--city", "minamo", "export", "faq", "x.csv"]).done();
    city.run(["--city", "other", "export", "faq", "y.csv"])
        .failed(code::DATABASE, &["there is no database at", "other.db"]);
    // All cities are brought up, and the first that fails is told.
    city.run(["migrate"]).failed(code::DATABASE, &["other.db"]);
    std::fs::write(&city.config, "log = \"info\"\n").expect("written");
    for command in [&["export", "faq", "x.csv"][..], &["serve"], &["backup", "b"]] {
        city.run(command.iter().copied()).failed(code::CONFIGURATION, &["the configuration has no [[city]]"]);
    }
}

#[test]
fn the_command_line_explains_itself() {
    run([""; 0]).status_is(code::USAGE);
    let help = run(["--help"]).done();
    for command in [
        "init",
        "demo",
        "serve",
        "ask",
        "import",
        "export",
        "eval",
        "migrate",
        "backup",
        "restore",
        "doctor",
        "dictionary",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} in {help}");
        let said = run([command, "--help"]).done();
        assert!(said.contains("Usage: madoguchi"), "{said}");
    }
    assert_eq!(run(["--version"]).done(), format!("madoguchi {}\n", env!("CARGO_PKG_VERSION")));
    let said = run(["imprt"]);
    said.status_is(code::USAGE);
    assert!(said.err.contains("'import'"), "{}", said.err);
}
