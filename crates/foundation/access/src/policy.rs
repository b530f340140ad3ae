//! The policy, as data: which role may do what, and where.

/// What somebody may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// 作成者: writes answers of a section.
    Author,
    /// 承認者: approves what another person of the section wrote.
    Approver,
    /// 課の管理者: the section's inquiries, progress and roles.
    Manager,
    /// 全体調整: the desk that looks after all of the city's answers.
    Coordinator,
    /// システム管理者: organisation, accounts, jobs, settings.
    Administrator,
    /// 監査: reads who did what.
    Auditor,
    /// 個人情報管理: persons, secrecy, erasure.
    Privacy,
    /// オペレーター: answers citizens for a section, such as the contact centre.
    Operator,
    /// スーパーバイザー: looks after the operators of a section.
    Supervisor,
}

impl Role {
    /// All roles.
    pub const ALL: [Role; 9] = [
        Role::Author,
        Role::Approver,
        Role::Manager,
        Role::Coordinator,
        Role::Administrator,
        Role::Auditor,
        Role::Privacy,
        Role::Operator,
        Role::Supervisor,
    ];

    /// The code in the database.
    pub const fn code(self) -> &'static str {
        match self {
            Role::Author => "author",
            Role::Approver => "approver",
            Role::Manager => "manager",
            Role::Coordinator => "coordinator",
            Role::Administrator => "administrator",
            Role::Auditor => "auditor",
            Role::Privacy => "privacy",
            Role::Operator => "operator",
            Role::Supervisor => "supervisor",
        }
    }

    /// The role with a code.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|r| r.code() == code)
    }

    /// What the interface calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Author => "作成者",
            Role::Approver => "承認者",
            Role::Manager => "課の管理者",
            Role::Coordinator => "全体調整",
            Role::Administrator => "システム管理者",
            Role::Auditor => "監査",
            Role::Privacy => "個人情報管理",
            Role::Operator => "オペレーター",
            Role::Supervisor => "スーパーバイザー",
        }
    }

    /// Whether it is held in a section; the others are held in the whole city.
    pub const fn in_section(self) -> bool {
        matches!(self, Role::Author | Role::Approver | Role::Manager | Role::Operator | Role::Supervisor)
    }

    /// Whether giving it needs two administrators: whoever holds it could let others in, or read what people of
    /// every section were told. An administrator alone gives no role that reaches the whole city, to themself
    /// neither.
    pub const fn is_dangerous(self) -> bool {
        !self.in_section()
    }
}

/// What can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Read a section's articles, drafts and figures on the staff face.
    ArticleRead,
    /// Write drafts.
    ArticleWrite,
    /// Approve or return drafts, take an answer off the public face.
    ArticleApprove,
    /// Read questions that citizens left, and the board of what found nothing.
    QuestionRead,
    /// Answer a question, hand it to another section.
    QuestionAnswer,
    /// Open an inquiry to sections or a re-approval round, accept or return answers.
    InquiryAsk,
    /// Answer an inquiry for a section.
    InquiryAnswer,
    /// Bring many articles in from a file.
    ImportRun,
    /// Change the city's own thesaurus.
    ThesaurusWrite,
    /// Change the organisation.
    OrganisationWrite,
    /// Read accounts and roles.
    AccountRead,
    /// Make accounts, give roles, end sessions.
    AccountWrite,
    /// Decide on a change that needs two persons.
    TwoPersonDecide,
    /// See jobs and dead letters, repeat or cancel them; the ledger of messages.
    JobManage,
    /// Read the audit streams.
    AuditRead,
    /// Change settings and retention.
    SettingWrite,
    /// Find and read persons.
    PersonRead,
    /// Change persons, secrecy and consent, merge and erase.
    PersonWrite,
    /// Read contacts of citizens.
    ContactRead,
    /// Take contacts, answer them, hand them to other sections.
    ContactAnswer,
    /// See the live board, figures and incidents, write sentences for all.
    ContactSupervise,
    /// Open and close topics for the bot, switch it off, recall answers.
    AnswerControl,
    /// Write and plan sends to many, try them out, pause and stop them.
    SendWrite,
    /// Approve sends that another person wrote, and let them begin.
    SendApprove,
    /// Make the rich menus of the city's account on LINE, and say which of them is shown when.
    LineWrite,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 25] = [
        Action::ArticleRead,
        Action::ArticleWrite,
        Action::ArticleApprove,
        Action::QuestionRead,
        Action::QuestionAnswer,
        Action::InquiryAsk,
        Action::InquiryAnswer,
        Action::ImportRun,
        Action::ThesaurusWrite,
        Action::OrganisationWrite,
        Action::AccountRead,
        Action::AccountWrite,
        Action::TwoPersonDecide,
        Action::JobManage,
        Action::AuditRead,
        Action::SettingWrite,
        Action::PersonRead,
        Action::PersonWrite,
        Action::ContactRead,
        Action::ContactAnswer,
        Action::ContactSupervise,
        Action::AnswerControl,
        Action::SendWrite,
        Action::SendApprove,
        Action::LineWrite,
    ];
}

/// Where a role may do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// In the section in which the role is held.
    Own,
    /// Everywhere.
    City,
}

/// Role, action, where. What is not here is not allowed.
pub const TABLE: &[(Role, Action, Scope)] = &[
    // Everybody in a section may see how other sections answer: answers are public, drafts follow the section.
    (Role::Author, Action::ArticleRead, Scope::Own),
    (Role::Author, Action::ArticleWrite, Scope::Own),
    (Role::Author, Action::QuestionRead, Scope::Own),
    (Role::Author, Action::QuestionAnswer, Scope::Own),
    (Role::Author, Action::InquiryAnswer, Scope::Own),
    (Role::Approver, Action::ArticleRead, Scope::Own),
    (Role::Approver, Action::ArticleApprove, Scope::Own),
    (Role::Approver, Action::QuestionRead, Scope::Own),
    (Role::Approver, Action::QuestionAnswer, Scope::Own),
    (Role::Approver, Action::InquiryAnswer, Scope::Own),
    (Role::Manager, Action::ArticleRead, Scope::Own),
    (Role::Manager, Action::ArticleWrite, Scope::Own),
    (Role::Manager, Action::ArticleApprove, Scope::Own),
    (Role::Manager, Action::QuestionRead, Scope::Own),
    (Role::Manager, Action::QuestionAnswer, Scope::Own),
    (Role::Manager, Action::InquiryAsk, Scope::Own),
    (Role::Manager, Action::InquiryAnswer, Scope::Own),
    (Role::Coordinator, Action::ArticleRead, Scope::City),
    (Role::Coordinator, Action::ArticleWrite, Scope::City),
    (Role::Coordinator, Action::ArticleApprove, Scope::City),
    (Role::Coordinator, Action::QuestionRead, Scope::City),
    (Role::Coordinator, Action::QuestionAnswer, Scope::City),
    (Role::Coordinator, Action::InquiryAsk, Scope::City),
    (Role::Coordinator, Action::ImportRun, Scope::City),
    // A relation moves the answers of every section.
    (Role::Coordinator, Action::ThesaurusWrite, Scope::City),
    (Role::Administrator, Action::OrganisationWrite, Scope::City),
    (Role::Administrator, Action::AccountRead, Scope::City),
    (Role::Administrator, Action::AccountWrite, Scope::City),
    (Role::Administrator, Action::TwoPersonDecide, Scope::City),
    (Role::Administrator, Action::JobManage, Scope::City),
    (Role::Administrator, Action::SettingWrite, Scope::City),
    (Role::Auditor, Action::AuditRead, Scope::City),
    (Role::Auditor, Action::AccountRead, Scope::City),
    (Role::Privacy, Action::PersonRead, Scope::City),
    (Role::Privacy, Action::PersonWrite, Scope::City),
    (Role::Privacy, Action::TwoPersonDecide, Scope::City),
    // A contact that was handed to a section is answered by whoever answers its questions.
    (Role::Author, Action::ContactRead, Scope::Own),
    (Role::Author, Action::ContactAnswer, Scope::Own),
    (Role::Approver, Action::ContactRead, Scope::Own),
    (Role::Approver, Action::ContactAnswer, Scope::Own),
    (Role::Manager, Action::ContactRead, Scope::Own),
    (Role::Manager, Action::ContactAnswer, Scope::Own),
    (Role::Manager, Action::ContactSupervise, Scope::Own),
    (Role::Operator, Action::ArticleRead, Scope::Own),
    (Role::Operator, Action::ContactRead, Scope::Own),
    (Role::Operator, Action::ContactAnswer, Scope::Own),
    (Role::Supervisor, Action::ArticleRead, Scope::Own),
    (Role::Supervisor, Action::ContactRead, Scope::Own),
    (Role::Supervisor, Action::ContactAnswer, Scope::Own),
    (Role::Supervisor, Action::ContactSupervise, Scope::Own),
    (Role::Coordinator, Action::ContactRead, Scope::City),
    (Role::Coordinator, Action::ContactSupervise, Scope::City),
    (Role::Coordinator, Action::AnswerControl, Scope::City),
    // What goes out to many is written and approved like an article: by two people of the section that answers for it.
    (Role::Author, Action::SendWrite, Scope::Own),
    (Role::Approver, Action::SendApprove, Scope::Own),
    (Role::Manager, Action::SendWrite, Scope::Own),
    (Role::Manager, Action::SendApprove, Scope::Own),
    (Role::Coordinator, Action::SendWrite, Scope::City),
    (Role::Coordinator, Action::SendApprove, Scope::City),
    // The city has one account on LINE. Whoever is there when a warning comes must be able to change its menu:
    // the desk of the whole city, the supervisor of the contact centre, an administrator.
    (Role::Coordinator, Action::LineWrite, Scope::City),
    (Role::Supervisor, Action::LineWrite, Scope::Own),
    (Role::Administrator, Action::LineWrite, Scope::City),
];

/// Where a role may do something, if at all.
pub fn scope(role: Role, action: Action) -> Option<Scope> {
    TABLE.iter().find(|(r, a, _)| (*r, *a) == (role, action)).map(|(_, _, scope)| *scope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_can_be_done_by_somebody_and_no_row_stands_twice() {
        for action in Action::ALL {
            assert!(Role::ALL.into_iter().any(|role| scope(role, action).is_some()), "{action:?}");
        }
        for (i, (role, action, _)) in TABLE.iter().enumerate() {
            assert!(!TABLE[..i].iter().any(|(r, a, _)| (r, a) == (role, action)), "{role:?} {action:?}");
        }
    }

    #[test]
    fn roles_of_sections_reach_no_further() {
        for (role, action, scope) in TABLE {
            assert_eq!(role.in_section(), *scope == Scope::Own, "{role:?} {action:?}");
        }
    }

    #[test]
    fn an_administrator_reads_neither_persons_nor_questions() {
        for action in [Action::PersonRead, Action::PersonWrite, Action::QuestionRead, Action::ArticleApprove] {
            assert_eq!(scope(Role::Administrator, action), None, "{action:?}");
        }
    }
}
