//! A server whose owner lies with the database: what it keeps is another thing while one phone asks, and the truth afterwards.

use device::{CaseId, DeviceId};
use rusqlite::Connection;
use world::World;

/// Where a lie is told, and the truth is put back: of envelopes only the words, since the newest of the others takes the place
/// of the one before.
const TABLES: [(&str, &str); 3] = [("entry", "1"), ("envelope", "kind = 1"), ("wrap", "1")];

/// What stands in the database in the place of the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// The newest words of everybody else are not there.
    WithoutNewest,
    /// Of the newest words of a device nothing is there.
    WithoutDevice(DeviceId),
    /// The newest entry of the log of a case is not there.
    WithoutLogTail(CaseId),
    /// A bit of the newest words is another, and they have the name that goes with that.
    Flipped,
    /// The newest words are zeros, and keep their name.
    Emptied,
    /// The newest words of this case stand in the other one.
    Moved(CaseId, CaseId),
    /// The newest words of each author stand under the name of another.
    Renamed,
    /// What came last stands first.
    Backwards,
}

/// The database of the server, in the hands of its owner.
pub(super) fn database(world: &World) -> Connection {
    let db = Connection::open(world.store()).expect("the store");
    db.execute_batch("PRAGMA foreign_keys = OFF").expect("SQL");
    db
}

/// Tells a lie to the device that asks; the truth is kept beside it.
pub(super) fn tell(world: &World, asks: DeviceId, lie: Stored) {
    let db = database(world);
    for (table, told) in TABLES {
        db.execute_batch(&format!("CREATE TABLE true_{table} AS SELECT * FROM {table} WHERE {told}")).expect("SQL");
    }
    let newest = "SELECT max(num) FROM envelope WHERE kind = 1 AND device <> ?1";
    let run = |sql: &str, arguments: &[&dyn rusqlite::ToSql]| {
        db.execute(sql, arguments).expect("SQL");
    };
    match lie {
        Stored::WithoutNewest => run(&format!("DELETE FROM envelope WHERE num IN ({newest} GROUP BY device)"), &[&asks.as_bytes()]),
        Stored::WithoutDevice(device) => run("DELETE FROM envelope WHERE device = ?1 AND kind = 1", &[&device.as_bytes()]),
        Stored::WithoutLogTail(case) => run(
            "DELETE FROM entry WHERE num = (SELECT max(num) FROM entry WHERE case_num = (SELECT num FROM case_log WHERE id = ?1))",
            &[&case.as_bytes()],
        ),
        Stored::Flipped => spoil(&db, asks),
        Stored::Emptied => {
            run(&format!("UPDATE envelope SET bytes = zeroblob(length(bytes)) WHERE num IN ({newest})"), &[&asks.as_bytes()])
        }
        Stored::Moved(from, to) => run(
            "UPDATE envelope SET seq = seq + 9000, case_num = (SELECT num FROM case_log WHERE id = ?2)
              WHERE num = (SELECT max(num) FROM envelope WHERE kind = 1 AND case_num = (SELECT num FROM case_log WHERE id = ?1))",
            &[&from.as_bytes(), &to.as_bytes()],
        ),
        Stored::Renamed => run(
            "UPDATE envelope SET seq = 9000 + num, device = CASE device WHEN ?1 THEN zeroblob(16) ELSE ?1 END WHERE kind = 1",
            &[&asks.as_bytes()],
        ),
        Stored::Backwards => {
            run("UPDATE envelope SET position = (SELECT max(position) + 1 FROM true_envelope) - position WHERE kind = 1", &[])
        }
    }
}

fn spoil(db: &Connection, asks: DeviceId) {
    let sql = "SELECT num, bytes FROM envelope WHERE kind = 1 AND device <> ?1 ORDER BY num DESC LIMIT 1";
    let Ok((num, mut bytes)) = db.query_row(sql, [asks.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?))) else {
        return;
    };
    let at = bytes.len() - 20;
    bytes[at] ^= 1;
    db.execute("UPDATE envelope SET bytes = ?2, id = ?3 WHERE num = ?1", (num, &bytes, server::sha256(&bytes))).expect("SQL");
}

/// Puts the truth back; what was honestly added meanwhile stays.
pub(super) fn tell_the_truth(world: &World) {
    let db = database(world);
    for (table, _) in TABLES {
        let sql = format!("INSERT OR REPLACE INTO {table} SELECT * FROM true_{table}; DROP TABLE true_{table}");
        db.execute_batch(&sql).expect("SQL");
    }
}
