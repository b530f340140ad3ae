//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Madoguchi (窓口): the one window between a city and its people.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Configuration file [default: $MADOGUCHI_CONFIG, then ./madoguchi.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Name of the city, where the configuration has several
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) city: Option<String>,
    /// Print results as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a city from its description files in FOLDER (writes examples to edit if there are none)
    Init {
        /// Folder with city.toml, sections.toml, closures.toml
        folder: PathBuf,
        /// Database [default: an SQLite file in the folder]
        #[arg(long, value_name = "ADDRESS")]
        database: Option<String>,
    },
    /// Make the demo city みなも市 in FOLDER, with all its articles
    Demo {
        /// Where
        #[arg(default_value = "var/demo")]
        folder: PathBuf,
        /// Database [default: an SQLite file in the folder]
        #[arg(long, value_name = "ADDRESS")]
        database: Option<String>,
    },
    /// Serve the faces that the configuration mounts
    Serve,
    /// Accounts of the staff: the first ones, and the way back in
    Account {
        #[command(subcommand)]
        what: Account,
    },
    /// Ask a question and print the answer
    Ask(Ask),
    /// Bring articles in
    Import {
        #[command(subcommand)]
        what: Import,
    },
    /// Write articles out
    Export {
        #[command(subcommand)]
        what: Export,
    },
    /// Measure on judged questions
    Eval {
        #[command(subcommand)]
        what: Eval,
    },
    /// Learn the order of answers from judged questions, and measure it on questions it did not see
    Train(Train),
    /// Words of offices and of people
    Thesaurus {
        #[command(subcommand)]
        what: Thesaurus,
    },
    /// Automatic answers: which topics pass their golden questions
    Gate {
        #[command(subcommand)]
        what: Gate,
    },
    /// Bring the database's schema up to this version
    Migrate {
        /// Say what would be done, do nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Write a backup while the city works
    Backup {
        /// File to write
        file: PathBuf,
        /// Overwrite the file if it is there
        #[arg(long)]
        force: bool,
    },
    /// Read a backup into an empty database of either engine
    Restore {
        /// Backup file
        file: PathBuf,
        /// Database to fill [default: the city's in the configuration]
        #[arg(long, value_name = "ADDRESS")]
        database: Option<String>,
        /// Erasures kept outside the database: those persons are erased again
        #[arg(long, value_name = "FILE")]
        erasures: Option<PathBuf>,
    },
    /// Persons: what is kept outside the database about erasures
    People {
        #[command(subcommand)]
        what: People,
    },
    /// The city's key, which is not in its database
    Key {
        #[command(subcommand)]
        what: Key,
    },
    /// Who did what: the chains of recorded events
    Audit {
        #[command(subcommand)]
        what: Audit,
    },
    /// What the mail server gives back
    Mail {
        #[command(subcommand)]
        what: Mail,
    },
    /// Check what could be wrong and say how to mend it
    Doctor {
        /// Also connect to the mail server (nothing is sent) and ask the endpoint of [search.vectors] for a vector
        #[arg(long)]
        connect: bool,
    },
    /// The Japanese dictionary
    Dictionary {
        #[command(subcommand)]
        what: Dictionary,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Gate {
    /// Ask the golden questions as citizens would, keep what came, and print it; 1 if a topic fails
    Run {
        /// Only one topic
        #[arg(long, value_name = "CODE")]
        topic: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Make an account and print its invitation
    New {
        /// Log-in name
        login: String,
        /// Name as colleagues see it
        #[arg(long)]
        name: String,
        /// Section to which it belongs from today
        #[arg(long, value_name = "CODE")]
        section: Option<String>,
        /// Role from today (author, approver, manager, coordinator, administrator, auditor, privacy); repeatable
        #[arg(long, value_name = "ROLE")]
        role: Vec<String>,
    },
    /// Take password and second factor away and print a new invitation
    Reset {
        /// Log-in name
        login: String,
    },
    /// List the accounts
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Take a delivery report (RFC 3464): the message it names is marked as come back
    Bounce {
        /// File with the report [default: standard input]
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question, as people speak
    #[arg(required = true)]
    pub(crate) question: Vec<String>,
    /// Show why each answer has its place
    #[arg(long)]
    pub(crate) explain: bool,
    /// Language: ja, easy or en
    #[arg(long, default_value = "ja")]
    pub(crate) lang: String,
    /// How many answers at most
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) limit: u16,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Import {
    /// Articles from a .toml, .csv or .xlsx file, or a folder of them
    Faq {
        /// File or folder
        path: PathBuf,
        /// Check everything, store nothing
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Export {
    /// All articles; the ending (.csv, .xlsx, .toml) says in which form
    Faq {
        /// File to write
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Eval {
    /// FAQ retrieval: nDCG@10, recall@10, P@10, SR@k, MRR, latency, calibration
    Faq(EvalFaq),
}

#[derive(Debug, clap::Args)]
pub(crate) struct EvalFaq {
    /// Articles, one JSON object with id, question, answer per line
    #[arg(long, value_name = "FILE")]
    pub(crate) corpus: PathBuf,
    /// Questions, one JSON object with id, query per line
    #[arg(long, value_name = "FILE")]
    pub(crate) queries: PathBuf,
    /// Judgements: query TAB article TAB relevance
    #[arg(long, value_name = "FILE")]
    pub(crate) qrels: PathBuf,
    /// Write the run in TREC form
    #[arg(long, value_name = "FILE")]
    pub(crate) run: Option<PathBuf>,
    /// Compare with a run in TREC form: is the difference more than chance?
    #[arg(long, value_name = "FILE")]
    pub(crate) against: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Train {
    /// Articles, one JSON object with id, question, answer per line
    #[arg(long, value_name = "FILE", requires = "queries", requires = "qrels")]
    pub(crate) corpus: Option<PathBuf>,
    /// Judged questions over these, one JSON object with id, query per line
    #[arg(long, value_name = "FILE", requires = "corpus")]
    pub(crate) queries: Option<PathBuf>,
    /// Judgements: query TAB article TAB relevance
    #[arg(long, value_name = "FILE", requires = "corpus")]
    pub(crate) qrels: Option<PathBuf>,
    /// A city's articles: a file or a folder as for `import faq`
    #[arg(long, value_name = "PATH")]
    pub(crate) articles: Option<PathBuf>,
    /// Paraphrases of these to learn from: style TAB code TAB other codes TAB question
    #[arg(long, value_name = "FILE", requires = "articles")]
    pub(crate) paraphrases: Vec<PathBuf>,
    /// Paraphrases that are only measured
    #[arg(long, value_name = "FILE", requires = "articles")]
    pub(crate) held_out: Vec<PathBuf>,
    /// Learn also from what citizens said of answers in this city, corrected by the place at which they stood
    #[arg(long)]
    pub(crate) feedback: bool,
    /// How fast attention falls from place to place: place k is looked at with a probability of (1/k)^NUMBER
    #[arg(long, value_name = "NUMBER", default_value_t = 1.0, requires = "feedback")]
    pub(crate) examination: f64,
    /// Measure what each kind of sign gives, by learning without it; takes eleven times as long, writes no model
    #[arg(long, conflicts_with = "model")]
    pub(crate) ablation: bool,
    /// Learn with vectors of a static model [default: what [search.vectors] of the configuration names, if it does]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) vectors: Option<PathBuf>,
    /// Write the model
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) shown: Shown,
}

/// What is shown beside the figures.
#[derive(Debug, clap::Args)]
pub(crate) struct Shown {
    /// Figures of parts of the questions: by length, writing, what is asked, style
    #[arg(long)]
    pub(crate) slices: bool,
    /// The questions that got the least
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) worst: usize,
    /// Write a reliability diagram and a risk–coverage curve as SVG into a folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) diagrams: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Thesaurus {
    /// Tell what is wrong with a thesaurus: the program's own, or files of the same form
    Check {
        /// Files
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Key {
    /// Make the key of a city that has none
    New {
        /// Also if the city has one, or had one: the old file is put aside
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum People {
    /// Add the erasures that are not in a file yet to that file, outside the database: ids and instants
    Erasures {
        /// File to add to
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Erase again whom a file of erasures names, after a restore
    Replay {
        /// File of erasures
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check that no recorded event was changed, inserted or removed
    Verify {
        /// Exported heads: with them, events cut off at the end are found too
        #[arg(long, value_name = "FILE")]
        heads: Option<PathBuf>,
    },
    /// Add the heads of all chains to a file outside the database
    Heads {
        /// File to add a line to
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Dictionary {
    /// Compile the dictionary from the sources' folder `mecab-naist-jdic`
    Build {
        /// Folder of the sources
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
        /// File to write
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
    },
    /// Say where the dictionary was found
    Where,
}
