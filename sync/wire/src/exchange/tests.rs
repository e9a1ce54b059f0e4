//! The rules of the road: two devices and a list meet over any line, tries spread out, nothing runs twice at once.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{Event, Exchange, FIRST_PAUSE_MS, FULL_BATCH, IDLE_MS, MAX_PAUSE_MS, MAX_QUIET_MS, Order, QUIET_MS, SMALL_BATCH};

const NOW: i64 = 1_700_000_000_000;

fn request(batch: usize) -> Vec<Order> {
    vec![Order::Request { batch }]
}

fn woken(orders: &[Order]) -> Option<i64> {
    orders.iter().rev().find_map(|order| if let Order::WakeAt(at) = order { Some(*at) } else { None })
}

#[test]
fn an_edit_waits_for_quiet_and_then_goes() {
    let mut road = Exchange::default();
    assert_eq!(road.handle(NOW, 0, Event::Edited), [Order::WakeAt(NOW + QUIET_MS)]);
    assert_eq!(road.handle(NOW + QUIET_MS, 0, Event::Due), request(SMALL_BATCH));
    assert!(road.is_under_way());
}

#[test]
fn edits_on_end_put_the_first_off_by_ten_seconds_at_most() {
    let mut road = Exchange::default();
    let (mut now, mut due) = (NOW, i64::MAX);
    while now < due {
        due = woken(&road.handle(now, 0, Event::Edited)).unwrap();
        assert!(due >= now && due <= (now + QUIET_MS).min(NOW + MAX_QUIET_MS));
        now += 700;
    }
    assert_eq!(due, NOW + MAX_QUIET_MS);
    assert_eq!(road.handle(due, 0, Event::Due), request(SMALL_BATCH));
    road.handle(due, 0, Event::Answered { waiting: false });
    assert_eq!(road.handle(due, 0, Event::Edited), [Order::WakeAt(due + QUIET_MS)], "and then it begins again");
}

#[test]
fn a_clock_set_back_or_far_ahead_puts_no_edit_off() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Edited);
    let earlier = NOW - 3_600_000;
    assert_eq!(road.handle(earlier, 0, Event::Edited), [Order::WakeAt(earlier + QUIET_MS)]);
    assert_eq!(road.handle(earlier + 9_000, 0, Event::Edited), [Order::WakeAt(earlier + MAX_QUIET_MS)]);
    assert_eq!(road.handle(NOW, 0, Event::Edited), [Order::WakeAt(NOW)], "at once");
}

#[test]
fn what_happens_under_way_is_asked_for_afterwards() {
    for event in [Event::Edited, Event::Asked, Event::Due] {
        let mut road = Exchange::default();
        road.handle(NOW, 0, Event::Asked);
        assert_eq!(road.handle(NOW, 0, event), []);
        assert_eq!(road.handle(NOW, 0, Event::Answered { waiting: false }), request(SMALL_BATCH), "{event:?}");
        let orders = road.handle(NOW, 0, Event::Answered { waiting: false });
        assert_eq!(orders, [Order::WakeAt(NOW + IDLE_MS)]);
    }
}

#[test]
fn who_is_told_to_come_back_later_comes_back_then() {
    let mut road = Exchange::default();
    for (wait_s, ms) in [(0, 1000), (7, 7000), (7, 7000), (u32::MAX, MAX_PAUSE_MS)] {
        road.handle(NOW, 0, Event::Due);
        for dice in [0, 1, u64::MAX] {
            let at = woken(&road.clone().handle(NOW, dice, Event::Busy { wait_s })).unwrap();
            assert!(at >= NOW + ms && at <= NOW + ms + ms / 4, "{wait_s}");
        }
        road.handle(NOW, 0, Event::Busy { wait_s });
        assert!(!road.is_under_way());
    }
    assert_eq!(road.handle(NOW, 0, Event::Edited), [Order::WakeAt(NOW + QUIET_MS)], "it was no failure");
}

#[test]
fn what_is_let_go_of_leaves_no_trace() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Due);
    assert_eq!(road.handle(NOW, 0, Event::LetGo), []);
    assert_eq!(road, Exchange::default());
}

#[test]
fn more_to_send_goes_at_once() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Asked);
    assert_eq!(road.handle(NOW, 0, Event::Answered { waiting: true }), request(SMALL_BATCH));
}

#[test]
fn after_a_cut_batches_are_small_and_double_with_success() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Asked);
    road.handle(NOW, 0, Event::Cut);
    assert!(!road.is_under_way());
    let mut batch = SMALL_BATCH;
    assert_eq!(road.handle(NOW, 0, Event::Due), request(batch));
    road.carried(64 * 1024 * 1024);
    for _ in 0..10 {
        batch = (batch * 2).min(FULL_BATCH);
        assert_eq!(road.handle(NOW, 0, Event::Answered { waiting: true }), request(batch));
    }
    assert_eq!(batch, FULL_BATCH);
}

#[test]
fn a_request_is_a_quarter_of_what_the_line_has_carried_and_never_less_than_the_smallest() {
    let mut road = Exchange::default();
    assert_eq!(road.handle(NOW, 0, Event::Asked), request(SMALL_BATCH), "nothing is known of the line yet");
    let mut carried = 0;
    for bytes in [16_384, 16_384, 100_000, 300_000, 4_000_000, 4_000_000] {
        road.carried(bytes);
        carried += bytes;
        let quarter = usize::try_from(carried / 4).unwrap().clamp(SMALL_BATCH, FULL_BATCH);
        assert_eq!(road.handle(NOW, 0, Event::Answered { waiting: true }), request(quarter));
    }
    road.handle(NOW, 0, Event::Cut);
    assert_eq!(road.handle(NOW, 0, Event::Due), request(SMALL_BATCH), "a cut line has to show it again");
}

#[test]
fn an_edit_during_a_pause_does_not_shorten_it() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Asked);
    road.handle(NOW, 0, Event::Cut);
    assert_eq!(road.handle(NOW, 0, Event::Edited), []);
}

#[test]
fn pauses_grow_and_are_capped() {
    for end in [Event::Cut, Event::Refused] {
        let mut road = Exchange::default();
        let mut before = 0;
        for failure in 0..60_u32 {
            road.handle(NOW, 0, Event::Due);
            let shortest = woken(&road.clone().handle(NOW, 0, end)).unwrap() - NOW;
            let longest = woken(&road.handle(NOW, u64::MAX / 2 * 2 - 1, end)).unwrap() - NOW;
            let full = FIRST_PAUSE_MS.checked_shl(failure.min(30)).unwrap().min(MAX_PAUSE_MS);
            assert_eq!(shortest, full / 2);
            assert!((shortest..full).contains(&longest), "{longest} after {failure}");
            assert!(shortest >= before);
            before = shortest;
        }
        assert_eq!(before, MAX_PAUSE_MS / 2);
        road.handle(NOW, 0, Event::Due);
        road.handle(NOW, 0, Event::Answered { waiting: false });
        road.handle(NOW, 0, Event::Due);
        assert_eq!(woken(&road.handle(NOW, 0, end)), Some(NOW + FIRST_PAUSE_MS / 2), "an answer ends the story");
    }
}

#[test]
fn a_wrong_clock_is_corrected_once_and_then_waits() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Due);
    let server_ms = NOW + 3_600_000;
    let orders = road.handle(NOW, 0, Event::WrongClock { server_ms });
    assert_eq!(orders, [Order::ClockOffset(3_600_000), Order::Request { batch: SMALL_BATCH }]);
    assert!(road.is_under_way());
    let orders = road.handle(NOW, 0, Event::WrongClock { server_ms });
    assert!(woken(&orders).is_some() && orders.len() == 1, "{orders:?}");
    assert!(!road.is_under_way());
}

#[test]
fn a_clock_that_moves_later_is_corrected_again() {
    let mut road = Exchange::default();
    road.handle(NOW, 0, Event::Due);
    road.handle(NOW, 0, Event::WrongClock { server_ms: NOW + 3_600_000 });
    road.handle(NOW, 0, Event::Cut);
    // Meanwhile somebody sets the device's clock right; the old offset is now what is wrong.
    let now = NOW + 3_600_000;
    road.handle(now, 0, Event::Due);
    assert!(road.handle(now, 0, Event::WrongClock { server_ms: now }).contains(&Order::ClockOffset(0)));
}

#[test]
fn an_absurd_clock_is_survived() {
    for server_ms in [i64::MIN, i64::MAX, 0] {
        for now in [i64::MIN, i64::MAX, 0] {
            let mut road = Exchange::default();
            for event in [
                Event::Edited,
                Event::Due,
                Event::WrongClock { server_ms },
                Event::WrongClock { server_ms },
                Event::Due,
                Event::Cut,
                Event::Due,
                Event::Answered { waiting: false },
            ] {
                road.handle(now, u64::MAX, event);
            }
        }
    }
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Event::Edited),
        Just(Event::Asked),
        Just(Event::Due),
        any::<bool>().prop_map(|waiting| Event::Answered { waiting }),
        Just(Event::Cut),
        any::<i64>().prop_map(|server_ms| Event::WrongClock { server_ms }),
        Just(Event::Refused),
        any::<u32>().prop_map(|wait_s| Event::Busy { wait_s }),
        Just(Event::LetGo),
    ]
}

/// One device, its list, and the line to the other list.
struct Device {
    road: Exchange,
    wake: Option<i64>,
    flying: bool,
    clock_off: bool,
    outbox: Vec<u32>,
    known: BTreeSet<u32>,
    requests: u32,
}

impl Device {
    fn new(list: Vec<u32>, clock_off: bool) -> Self {
        let known = list.iter().copied().collect();
        Self { road: Exchange::default(), wake: None, flying: false, clock_off, outbox: list, known, requests: 0 }
    }

    fn tell(&mut self, now: i64, dice: u64, event: Event) -> Option<usize> {
        let mut batch = None;
        for order in self.road.handle(now, dice, event) {
            match order {
                Order::Request { batch: size } => {
                    assert!(!self.flying, "two requests under way");
                    assert!(batch.is_none(), "two requests at once");
                    self.flying = true;
                    self.requests += 1;
                    batch = Some(size);
                }
                Order::WakeAt(at) => {
                    assert!(at >= now);
                    self.wake = Some(at);
                }
                Order::ClockOffset(_) => self.clock_off = false,
            }
        }
        assert_eq!(self.flying, self.road.is_under_way());
        batch
    }

    /// Carries one request to the list and its answer back, or loses either.
    fn carry(&mut self, list: &mut BTreeSet<u32>, batch: usize, fate: u8) -> Event {
        self.flying = false;
        if fate == 0 {
            return Event::Cut;
        }
        if self.clock_off {
            return Event::WrongClock { server_ms: NOW };
        }
        let sent = (batch / 8192).max(1).min(self.outbox.len());
        list.extend(&self.outbox[..sent]);
        if fate == 1 {
            return Event::Cut;
        }
        self.outbox.drain(..sent);
        self.known.extend(list.iter());
        Event::Answered { waiting: !self.outbox.is_empty() }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_sequence_of_events_keeps_one_request_under_way(events in proptest::collection::vec((any_event(), any::<u64>()), 0..80)) {
        let mut road = Exchange::default();
        let (mut now, mut retries) = (NOW, 0);
        for (event, dice) in events {
            // Answers come only to requests.
            let is_answer = matches!(event, Event::Answered { .. } | Event::Cut | Event::WrongClock { .. } | Event::Refused);
            let before = road.is_under_way();
            if is_answer && !before {
                continue;
            }
            let orders = road.handle(now, dice, event);
            let asked = orders.iter().filter(|order| matches!(order, Order::Request { .. })).count();
            prop_assert!(asked <= 1);
            prop_assert_eq!(asked == 1, road.is_under_way() && (is_answer || !before));
            let wakes = orders.iter().filter(|order| matches!(order, Order::WakeAt(_))).count();
            prop_assert!(!is_answer || asked + wakes == 1, "an answer leads to a request or a time: {:?}", orders);
            retries = match event {
                Event::WrongClock { .. } if asked == 1 => retries + 1,
                Event::Answered { .. } | Event::Cut | Event::Refused | Event::WrongClock { .. } => 0,
                _ => retries,
            };
            prop_assert!(retries <= 1, "a second retry for the clock");
            now += 1000;
        }
    }

    #[test]
    fn two_devices_and_a_list_meet(
        lists in (proptest::collection::btree_set(0..200_u32, 0..60), proptest::collection::btree_set(200..400_u32, 0..60)),
        clocks in any::<(bool, bool)>(),
        fates in proptest::collection::vec(0..6_u8, 1..60),
        dice in any::<u64>(),
    ) {
        let mut devices = [Device::new(lists.0.iter().copied().collect(), clocks.0), Device::new(lists.1.iter().copied().collect(), clocks.1)];
        let everything: BTreeSet<u32> = lists.0.union(&lists.1).copied().collect();
        let (mut list, mut now, mut weather) = (BTreeSet::new(), NOW, fates.iter());
        let mut due: BTreeMap<usize, i64> = BTreeMap::from([(0, now), (1, now)]);
        let mut steps = 0;
        while devices.iter().any(|device| !device.outbox.is_empty() || device.known != everything) {
            steps += 1;
            prop_assert!(steps < 2000, "they never meet");
            let (who, at) = due.iter().min_by_key(|(_, at)| **at).map(|(who, at)| (*who, *at)).unwrap();
            now = now.max(at);
            let device = &mut devices[who];
            device.wake = None;
            let mut batch = device.tell(now, dice.wrapping_mul(steps), Event::Due);
            while let Some(size) = batch {
                // The weather is bad for a while and then good.
                let fate = weather.next().copied().unwrap_or(5);
                let event = device.carry(&mut list, size, fate);
                batch = device.tell(now, dice.wrapping_add(steps), event);
            }
            due.insert(who, device.wake.expect("a device at rest knows when to wake"));
        }
        prop_assert_eq!(list, everything);
        prop_assert!(devices.iter().all(|device| device.requests < 500));
    }
}
