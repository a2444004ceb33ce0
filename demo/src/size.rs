//! How large the company is: the usual one as it is written down, or one that goes on behind it.

/// How large the company is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Size {
    /// The company as it is written down: 156 controls, 273 tests, 120 people.
    #[default]
    Usual,
    /// A company with so many controls, and more of everything else.
    ///
    /// With 1,000: 300 tests, of which 16 fail, 150 documents, of which 14 are missing and 9 have lapsed, 200 people and
    /// computers, 500 vulnerabilities, of which 149 are overdue or due in 30 days, 80 vendors, 60 risks, frameworks of 86,
    /// 601 and 214 controls, two audits of 200 pieces of evidence, and 412 log entries a week. With 10,000: 1,500 tests
    /// with 50,000 failing items, 1,500 documents and 5,000 assets. In between in proportion; fewer than 1,000 count as
    /// 1,000.
    Large {
        /// Active controls, those that are written down included.
        controls: usize,
    },
}

/// So many of each kind in a large company.
#[derive(Debug, Clone, Copy)]
pub(super) struct Growth {
    pub(super) controls: usize,
    pub(super) tests: usize,
    failing_tests: usize,
    /// What fails tests, in all.
    failing_items: usize,
    pub(super) documents: usize,
    missing_documents: usize,
    lapsed_documents: usize,
    pub(super) people: usize,
    computers: usize,
    pub(super) assets: usize,
    pub(super) vulnerabilities: usize,
    due_vulnerabilities: usize,
    without_deadline: usize,
    set_aside: usize,
    pub(super) vendors: usize,
    pub(super) risks: usize,
    pub(super) events_a_week: usize,
    /// Pieces of evidence in each audit.
    pub(super) evidence: usize,
    hipaa: usize,
}

/// Tests that fail do so next to each other, as those of one system do: so many in a row.
const ROW: usize = 4;
/// The first test of each row, behind the beginning of its stretch.
const BEFORE_ROW: usize = 30;
/// Controls of the first two frameworks, however many there are in all.
const SOC2: usize = 86;
const ISO_27001: usize = 601;

/// When a vulnerability has to be fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Urgency {
    /// Overdue, or due in less than 30 days.
    Due,
    Later,
    WithoutDeadline,
    SetAside,
}

impl Size {
    /// What the company has beyond the usual one; `None` for the usual one.
    pub(super) fn growth(self) -> Option<Growth> {
        let Self::Large { controls } = self else { return None };
        let controls = controls.max(1000);
        // A straight line through the numbers for 1,000 and for 10,000 controls.
        let between = |thousand: usize, ten: usize| thousand + (controls - 1000) * (ten - thousand) / 9000;
        Some(Growth {
            controls,
            tests: between(300, 1500),
            failing_tests: between(16, 80),
            failing_items: between(80, 50_000),
            documents: between(150, 1500),
            missing_documents: between(14, 140),
            lapsed_documents: between(9, 90),
            people: between(200, 2000),
            computers: between(200, 2000),
            assets: between(80, 5000),
            vulnerabilities: between(500, 5000),
            due_vulnerabilities: between(149, 1490),
            without_deadline: between(61, 610),
            set_aside: between(42, 420),
            vendors: between(80, 800),
            risks: between(60, 600),
            events_a_week: 412,
            evidence: 200,
            hipaa: between(214, 2140),
        })
    }
}

impl Growth {
    /// Whether the control at this place serves a framework. The first two overlap, and many serve none.
    pub(super) fn serves(&self, framework: &str, place: usize) -> bool {
        match framework {
            "soc2" => place < SOC2,
            "iso27001_2022" => place < ISO_27001,
            _ => (SOC2..SOC2 + self.hipaa).contains(&place),
        }
    }

    /// Whether the control at this place is left without evidence: twelve of a thousand, but for the one that has some
    /// written down.
    pub(super) fn is_bare(place: usize) -> bool {
        place % 83 == 82
    }

    /// Which of the failing tests the test at this place is; `None` where it passes.
    pub(super) fn failing_test(&self, place: usize) -> Option<usize> {
        let stretch = self.tests / self.failing_tests.div_ceil(ROW);
        let within = (place % stretch).checked_sub(BEFORE_ROW).filter(|within| *within < ROW)?;
        Some(place / stretch * ROW + within).filter(|rank| *rank < self.failing_tests)
    }

    /// How many items fail that failing test: from three to seven fifths of what each has on average.
    pub(super) fn items_failing(&self, rank: usize) -> usize {
        self.failing_items / self.failing_tests * (3 + rank % 5) / 5
    }

    /// How many devices a device management has.
    pub(super) fn devices(&self, integration: &str) -> usize {
        let (kandji, intune) = (self.computers * 3 / 4, self.computers * 3 / 20);
        match integration {
            "kandji" => kandji,
            "intune" => intune,
            _ => self.computers - kandji - intune,
        }
    }

    /// The upload status of the document at this place.
    pub(super) fn document_status(&self, place: usize) -> &'static str {
        let owed = self.missing_documents + self.lapsed_documents;
        match share(place, owed, self.documents) {
            Share::In(rank) => match share(rank, self.lapsed_documents, owed) {
                Share::In(_) => "Needs update",
                Share::Out(_) => "Needs document",
            },
            Share::Out(rank) if rank % 50 == 9 => "Not relevant",
            Share::Out(_) => "OK",
        }
    }

    /// When the vulnerability at this place has to be fixed.
    pub(super) fn urgency(&self, place: usize) -> Urgency {
        let Share::Out(rest) = share(place, self.due_vulnerabilities, self.vulnerabilities) else {
            return Urgency::Due;
        };
        let left = self.vulnerabilities - self.due_vulnerabilities;
        let Share::Out(rest) = share(rest, self.without_deadline, left) else {
            return Urgency::WithoutDeadline;
        };
        match share(rest, self.set_aside, left - self.without_deadline) {
            Share::In(_) => Urgency::SetAside,
            Share::Out(_) => Urgency::Later,
        }
    }
}

/// Whether a place belongs to those that were chosen, and which of these or of the others it is.
enum Share {
    In(usize),
    Out(usize),
}

/// Chooses `chosen` of `all` places, as evenly as it goes.
fn share(place: usize, chosen: usize, all: usize) -> Share {
    let before = place * chosen / all;
    if (place + 1) * chosen / all > before { Share::In(before) } else { Share::Out(place - before) }
}

#[cfg(test)]
mod checks {
    use super::*;

    fn count(places: usize, holds: impl Fn(usize) -> bool) -> usize {
        (0..places).filter(|place| holds(*place)).count()
    }

    #[test]
    fn shares_come_to_exactly_what_was_asked_for() {
        for controls in [1000, 4321, 10_000] {
            let growth = Size::Large { controls }.growth().unwrap();
            let status =
                |wanted: &str| count(growth.documents, |place| growth.document_status(place) == wanted);
            assert_eq!(status("Needs document"), growth.missing_documents);
            assert_eq!(status("Needs update"), growth.lapsed_documents);
            assert!(status("Not relevant") > 0);
            let urgent = |wanted| count(growth.vulnerabilities, |place| growth.urgency(place) == wanted);
            assert_eq!(urgent(Urgency::Due), growth.due_vulnerabilities);
            assert_eq!(urgent(Urgency::WithoutDeadline), growth.without_deadline);
            assert_eq!(urgent(Urgency::SetAside), growth.set_aside);
            assert_eq!(
                count(growth.tests, |place| growth.failing_test(place).is_some()),
                growth.failing_tests
            );
        }
    }

    #[test]
    fn the_usual_company_does_not_grow_and_a_large_one_is_not_small() {
        assert!(Size::Usual.growth().is_none());
        assert_eq!(Size::Large { controls: 3 }.growth().unwrap().controls, 1000);
    }
}
