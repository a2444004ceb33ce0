//! What the search makes of queries, good and absurd. How often it is right is measured in `tests/it/search.rs`.

use std::collections::HashSet;

use super::synonyms::Synonyms;
use super::words::split;
use super::{Found, Index, Verdict};
use crate::catalog::{Api, Effect};
use crate::tools::Findable;

fn index() -> Index {
    Index::new(Findable::all())
}

fn names(found: &[Found]) -> Vec<&'static str> {
    found.iter().map(|found| found.tool.name()).collect()
}

fn first_three(index: &Index, query: &str) -> Vec<&'static str> {
    names(&index.find(query, |_| true, 3))
}

#[test]
fn a_name_and_a_title_find_their_tool() {
    let index = index();
    let mut missed = Vec::new();
    for tool in Findable::all() {
        assert_eq!(first_three(&index, tool.name()).first(), Some(&tool.name()));
        let title = first_three(&index, tool.title());
        if !tool.is_deprecated() && !title.contains(&tool.name()) {
            missed.push((tool.title(), title));
        }
    }
    assert_eq!(missed, []);
}

#[test]
fn misspelt_words_are_understood() {
    let index = index();
    for (query, wanted) in [
        ("vulnerabilites", "list_vulnerabilities"),
        ("trust centre subprocesors", "list_trust_center_subprocessors"),
        ("delte vendr", "delete_vendor"),
        ("knowlege base resorces", "list_knowledge_resources"),
        ("riskscenarios", "list_risk_scenarios"),
        ("off board people", "offboard_people"),
    ] {
        let found = first_three(&index, query);
        assert!(found.contains(&wanted), "{query}: {found:?}");
    }
}

#[test]
fn other_words_than_the_api_s_are_understood() {
    let index = index();
    for (query, wanted) in [
        ("kick out an employee who quit", "offboard_people"),
        ("laptops", "list_monitored_computers"),
        ("shadow IT", "list_discovered_vendors"),
        ("CVEs past due", "list_vulnerabilities"),
        ("red checks", "list_tests"),
        ("suppliers", "list_vendors"),
        ("PBC items", "list_information_requests"),
        ("new cpanel account", "create_panel_account"),
    ] {
        let found = first_three(&index, query);
        assert!(found.contains(&wanted), "{query}: {found:?}");
    }
}

#[test]
fn an_order_and_a_question_find_different_operations() {
    let index = index();
    for (query, wanted) in [
        ("which vendors do we have", "list_vendors"),
        ("add a vendor", "create_vendor"),
        ("please delete the vendor", "delete_vendor"),
        ("The vendor came in by accident, delete it.", "delete_vendor"),
        ("how do I rename a vendor", "update_vendor"),
        ("details of this vendor", "get_vendor"),
    ] {
        assert_eq!(first_three(&index, query).first(), Some(&wanted), "{query}");
    }
}

#[test]
fn a_question_never_gets_what_changes_something_first() {
    let index = index();
    for query in [
        "pull the list of vendors",
        "I need to confirm which vendors were deleted",
        "remind me which vendors we deleted",
        "make me a list of vendors to delete",
        "explain why the vendor was deleted",
        "who deleted the hosting account",
        "which training records will be replaced",
        "wer hat den Lieferanten gelöscht?",
    ] {
        let found = index.find(query, |_| true, 1);
        assert!(found.iter().all(|found| found.tool.effect() == Effect::Read), "{query}: {found:?}");
    }
    for (query, wanted) in [
        ("get the vendor off our list, it has to be deleted", "delete_vendor"),
        ("publish a control on the trust center", "add_trust_center_control"),
        ("suspnd the hosting account", "suspend_panel_account"),
    ] {
        assert!(first_three(&index, query).contains(&wanted), "{query}: {:?}", first_three(&index, query));
    }
}

#[test]
fn what_no_tool_does_is_told() {
    let index = index();
    for (query, fits) in [
        ("list the vendors", true),
        ("publish a FAQ", true),
        ("remind people of overdue training", false),
        ("order me a pizza", false),
        ("reboot the server in rack 14", false),
        ("zzqx", false),
    ] {
        let verdict = index.ask(query, |_| 1.0).verdict;
        assert_eq!(matches!(verdict, Verdict::Fits), fits, "{query}: {verdict:?}");
    }
    // To those who may not delete it is not said that no tool does.
    let reads = |tool: Findable| if tool.effect() == Effect::Read { 1.0 } else { 0.0 };
    assert!(matches!(index.ask("delete a vendor", reads).verdict, Verdict::Fits));
}

#[test]
fn only_what_is_kept_is_found() {
    let index = index();
    let found = index.find("delete vendor", |tool| tool.effect() == Effect::Read, 20);
    assert!(!found.is_empty());
    assert!(found.iter().all(|found| found.tool.effect() == Effect::Read), "{found:?}");
    let found = index.find("vulnerabilities", |tool| tool.api() == Some(Api::Audit), 20);
    assert!(!found.is_empty());
    assert!(found.iter().all(|found| found.tool.api() == Some(Api::Audit)), "{found:?}");
    assert_eq!(index.find("vendor", |_| false, 20).len(), 0);
}

#[test]
fn no_more_is_found_than_asked_for_and_the_best_comes_first() {
    let index = index();
    for limit in [0, 1, 7] {
        let found = index.find("vendor", |_| true, limit);
        assert_eq!(found.len(), limit);
        assert!(found.is_sorted_by(|a, b| a.score >= b.score), "{found:?}");
    }
}

#[test]
fn the_same_query_finds_the_same_in_the_same_order() {
    let (one, other) = (index(), index());
    for query in ["vendor", "evidence that expires", "overdue", "delte teh acount"] {
        let found = |index: &Index| {
            let found = index.find(query, |_| true, 50);
            found.iter().map(|found| (found.tool.name(), found.score.to_bits())).collect::<Vec<_>>()
        };
        assert_eq!(found(&one), found(&one), "{query}");
        assert_eq!(found(&one), found(&other), "{query}");
    }
}

#[test]
fn what_is_not_known_finds_nothing() {
    let index = index();
    for query in [
        "",
        "   ",
        "\0\t\n",
        "the of and",
        "?!…",
        "🦀🦀",
        "ваши поставщики",
        "공급업체",
        "qqqqqq xxxxxx",
        "_",
        "'’'",
    ] {
        assert_eq!(names(&index.find(query, |_| true, 5)), [""; 0], "{query:?}");
    }
}

#[test]
fn absurd_queries_are_answered() {
    let index = index();
    for query in [
        "vendor ".repeat(10_000),
        "pleese offbord the emploee vendr securty ".repeat(250),
        "x".repeat(10_000),
        "é".repeat(10_000),
        "ſtaff İstanbul ß vendors 🦀".to_owned(),
        "deleteVendorSecurityReviewDocument".to_owned(),
        "-----BEGIN vendors-----".to_owned(),
    ] {
        let found = index.find(&query, |_| true, 5);
        assert!(found.iter().all(|found| found.score.is_finite()), "{found:?}");
    }
    assert_eq!(index.find(&"vendor ".repeat(10_000), |_| true, 5).len(), 5);
}

#[test]
fn an_index_of_nothing_finds_nothing() {
    assert_eq!(Index::new([]).find("vendor", |_| true, 5).len(), 0);
}

#[test]
fn identifiers_and_abbreviations_become_words() {
    for (text, words) in [
        ("vendorId", &["vendor", "id"][..]),
        ("statusMatchesAny", &["status", "matches", "any"]),
        ("macOS SaaS", &["macos", "saas"]),
        ("list_vendor_findings", &["list", "vendor", "findings"]),
        ("SOC 2, SOC2 and soc-2", &["soc2", "soc2", "and", "soc2"]),
        ("ISO 27001:2022", &["iso27001", "2022"]),
        ("sub-processors", &["subprocessors"]),
        ("the vendor's", &["the", "vendor"]),
    ] {
        assert_eq!(split(text), words, "{text}");
    }
}

#[test]
fn a_saying_means_one_thing_and_something_that_is_known() {
    let mut sayings = HashSet::new();
    let mut known = super::words::Splitter::default();
    let tools: Vec<_> = Findable::all().collect();
    super::fields::read(&tools, &mut known);
    let stems: HashSet<&str> = known.known().map(|(_, stem)| stem).collect();
    let mut unknown = Vec::new();
    for (saying, meant) in Synonyms::all() {
        assert!(sayings.insert(saying), "{saying} is there twice");
        let words = split(meant);
        unknown.extend(words.into_iter().filter(|word| !stems.contains(known.stem(word).as_str())));
    }
    assert_eq!(unknown, [""; 0], "nothing is called that");
}

#[test]
fn an_index_can_be_shared_between_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&index());
}
