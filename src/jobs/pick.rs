//! Which thing a caller means by an id or a name. Several that match are told, and none of them is picked.

use crate::call::{CallError, Candidate, NameMeaning, meaning, problem};

/// Where something is named: for the words in which it is told that it is not clear.
#[derive(Debug, Clone, Copy)]
pub struct NamedIn {
    /// The job.
    pub job: &'static str,
    /// Its argument.
    pub argument: &'static str,
    /// The tool that lists what there is.
    pub list: &'static str,
}

/// The one of these that is meant. Each is told by `names`: its id, and what people call it.
///
/// # Errors
/// None of them is meant, or any of several.
pub fn pick<'r, T>(
    place: NamedIn,
    asked: &str,
    among: &'r [T],
    names: impl Fn(&T) -> Candidate,
) -> Result<&'r T, CallError> {
    let candidates: Vec<Candidate> = among.iter().map(names).collect();
    let means = meaning(asked, &candidates);
    if let NameMeaning::One(one) = means
        && let Some((found, _)) = among.iter().zip(&candidates).find(|(_, candidate)| candidate.id == one.id)
    {
        return Ok(found);
    }
    let told = problem((place.argument, place.list), asked, &means, "no item");
    Err(CallError::Unidentified { tool: place.job, problems: vec![told] })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_several_is_asked_and_not_picked() {
        let vendors = [("a", "Acme"), ("b", "Acme Cloud"), ("c", "Box")];
        let place = NamedIn { job: "vendor_overview", argument: "vendor", list: "list_vendors" };
        let find =
            |asked| pick(place, asked, &vendors, |(id, name)| Candidate::new(("id", id), [("name", *name)]));
        assert_eq!(find("box").unwrap().0, "c");
        assert_eq!(find("ACME").unwrap().0, "a", "the whole name goes before a part");
        assert_eq!(find("b").unwrap().0, "b");
        let error = find("Qq").unwrap_err().to_string();
        assert!(error.contains("no item of list_vendors has the name \"Qq\""), "{error}");
        let two = [("a", "Acme One"), ("b", "Acme Two")];
        let error = pick(place, "acme", &two, |(id, name)| Candidate::new(("id", id), [("name", *name)]));
        let error = error.unwrap_err().to_string();
        assert!(error.contains("may be any of 2 items") && error.contains("Acme Two"), "{error}");
    }
}
