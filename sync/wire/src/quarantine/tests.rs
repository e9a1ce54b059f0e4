//! One form of an item, and no other.

use super::*;

fn item() -> Item {
    let recipients = vec![DeviceId::from_bytes([1; 16]), DeviceId::from_bytes([2; 16])];
    let header =
        Header { version: VERSION, org: OrgId::from_bytes([7; 32]), device: DeviceId::from_bytes([9; 16]), recipients, salt: [3; 16] };
    Item { header, commit: [4; 32], keys: vec![vec![5; 4].into(), vec![6; 4].into()], ciphertext: vec![8; 64] }
}

#[test]
fn an_item_is_read_as_it_was_written_and_in_no_other_form() {
    let bytes = item().encode();
    assert_eq!(Item::decode(&bytes), Ok(item()));
    let mut longer = bytes.clone();
    longer.push(0);
    assert_eq!(Item::decode(&longer), Err(ItemError::NotCanonical));
    for at in 0..bytes.len() {
        assert!(Item::decode(&bytes[..at]).is_err(), "{at} bytes");
    }
}

#[test]
fn each_recipient_has_one_key_and_stands_once() {
    let judged = |change: fn(&mut Item)| {
        let mut other = item();
        change(&mut other);
        Item::decode(&other.encode())
    };
    assert_eq!(judged(|item| item.header.version = 2), Err(ItemError::UnknownVersion));
    assert_eq!(judged(|item| item.header.recipients.reverse()), Err(ItemError::NotCanonical));
    assert_eq!(judged(|item| drop(item.keys.pop())), Err(ItemError::NotCanonical));
    assert_eq!(
        judged(|item| {
            item.header.recipients.clear();
            item.keys.clear();
        }),
        Err(ItemError::NotCanonical)
    );
    assert_eq!(judged(|item| item.ciphertext = vec![0; MAX_BYTES]), Err(ItemError::TooLarge));
}
