//! A server that lies with its answers. One that owns the database lies there; this is what can be done to an answer on the way.

use std::{collections::BTreeMap, fmt, sync::Weak};

use device::RoadRequest;

use crate::paper::{PaperRoad, split_mix};

/// What the server does with its answers to one phone.
#[derive(Clone, Default)]
pub enum Lie {
    #[default]
    None,
    /// The answer to the question before comes to this one.
    Behind,
    /// The first answer that was given to such a question from here on comes again and again.
    Old,
    /// The answer, and the same once more behind it.
    Doubled,
    /// Half of the answer, as if that were all.
    Half,
    /// The second half of the answer, then the first.
    Jumbled,
    /// One byte of each answer is another, by a seed.
    Flipped(u64),
    /// What another phone was answered last.
    OfAnother(Weak<PaperRoad>),
}

impl fmt::Debug for Lie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Behind => "Behind",
            Self::Old => "Old",
            Self::Doubled => "Doubled",
            Self::Half => "Half",
            Self::Jumbled => "Jumbled",
            Self::Flipped(_) => "Flipped",
            Self::OfAnother(_) => "OfAnother",
        })
    }
}

type Told = (u16, Vec<u8>);

/// One server's lies on one road.
#[derive(Default)]
pub(crate) struct Liar {
    lie: Lie,
    /// The first answers since the lie began, by method and path.
    first: BTreeMap<String, Told>,
    last: Option<Told>,
}

impl Liar {
    pub(crate) fn take_up(&mut self, lie: Lie) {
        self.first.clear();
        self.lie = lie;
    }

    pub(crate) fn last(&self) -> Option<Told> {
        self.last.clone()
    }

    /// What is told in the place of the truth.
    pub(crate) fn tells(&mut self, request: &RoadRequest, truth: Told) -> Told {
        let before = self.last.replace(truth.clone());
        let (status, bytes) = truth;
        let half = bytes.len() / 2;
        match &mut self.lie {
            Lie::None => (status, bytes),
            Lie::Behind => before.unwrap_or((204, Vec::new())),
            Lie::Old => {
                let path = request.url.split('?').next().unwrap_or_default();
                self.first.entry(format!("{} {path}", request.method)).or_insert((status, bytes)).clone()
            }
            Lie::Doubled => (status, [bytes.as_slice(), bytes.as_slice()].concat()),
            Lie::Half => (status, bytes[..half].to_vec()),
            Lie::Jumbled => (status, [&bytes[half..], &bytes[..half]].concat()),
            Lie::Flipped(seed) => {
                *seed = split_mix(*seed);
                let (mut bytes, dice) = (bytes, *seed);
                let at = usize::try_from(dice >> 8).unwrap_or(0).checked_rem(bytes.len());
                if let Some(byte) = at.and_then(|at| bytes.get_mut(at)) {
                    *byte ^= 1 << (dice % 8);
                }
                (status, bytes)
            }
            Lie::OfAnother(road) => road.upgrade().and_then(|road| road.last_answer()).unwrap_or((status, bytes)),
        }
    }
}
