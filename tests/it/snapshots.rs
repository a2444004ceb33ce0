//! One tool of each kind as a client is shown it. A change of what models read is a change that somebody looked at.

use crate::harness::Setup;

/// A list in pages, one thing, a nested body, a change of parts, many at once, a deletion, a value that may be null,
/// and the tool that is written by hand.
const SHOWN: [&str; 8] = [
    "list_vendors",
    "get_control",
    "create_vendor_finding",
    "update_person",
    "offboard_people",
    "delete_document_link",
    "set_panel_account_plan",
    "server_status",
];

#[tokio::test]
async fn a_tool_of_each_kind_is_shown_as_it_was() {
    let run = Setup::default().start().await;
    let tools = run.client.list_all_tools().await.unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for name in SHOWN {
        let tool =
            tools.iter().find(|tool| tool.name == name).unwrap_or_else(|| panic!("{name} is not listed"));
        settings.bind(|| insta::assert_json_snapshot!(name, tool));
    }
}
