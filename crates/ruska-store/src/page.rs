//! Pages of the list of studies: filtered, sorted, and gone on with where the last one ended.

use crate::database::Fault;
use crate::{Status, Store, StoreError, StudyRow, projection};
use ruska_core::TaskKind;
use rusqlite::types::Value;
use rusqlite::{Row, Transaction, params_from_iter};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which studies to list, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StudyQuery {
    /// Only those that predict this column.
    pub target: Option<String>,
    /// Only those that optimise this measure.
    pub metric: Option<String>,
    /// Only those that stand so.
    pub status: Option<StatusIs>,
    /// Only those with this in their name; the case of ASCII letters is no matter.
    pub name_contains: Option<String>,
    /// Their order.
    pub sort: StudySort,
    /// Whether the order is turned round.
    pub descending: bool,
    /// Most rows of the page, at least 1.
    pub limit: usize,
    /// Where to go on: a row's cursor, or [`StudyPage::next`], of the same order.
    pub after: Option<String>,
}

impl Default for StudyQuery {
    /// All studies, the latest first, 100 a page.
    fn default() -> Self {
        Self {
            target: None,
            metric: None,
            status: None,
            name_contains: None,
            sort: StudySort::Created,
            descending: true,
            limit: 100,
            after: None,
        }
    }
}

/// Where a study stands, without the reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusIs {
    /// A process works on it.
    Running,
    /// It ended in good order.
    Ended,
    /// Its process ended before it did.
    Interrupted,
}

/// The order of studies. What is equal is in the order in which it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StudySort {
    /// By the time they were made.
    Created,
    /// By name.
    Name,
    /// By a measure of their best trial; studies without that measure are left out.
    Score(String),
}

/// A part of the list of studies.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StudyPage {
    /// The studies of this page.
    pub rows: Vec<StudyRow>,
    /// How many studies there are on all pages together.
    pub total: u64,
    /// Where the next page begins: the last row's cursor, `None` at the end.
    pub next: Option<String>,
}

impl Store {
    /// Every study, the latest first.
    pub fn studies(&self) -> Result<Vec<StudyRow>, StoreError> {
        let query = StudyQuery { limit: usize::MAX, ..StudyQuery::default() };
        Ok(self.studies_page(&query)?.rows)
    }

    /// A page of the list of studies. Fails when `after` is not of this order.
    pub fn studies_page(&self, query: &StudyQuery) -> Result<StudyPage, StoreError> {
        self.database().read(|tx| {
            projection::check(tx)?;
            let mut select = Select::of(query);
            if let Some(status) = query.status {
                self.restrict(tx, &mut select, status)?;
            }
            let total = select.count(tx)?;
            if let Some(after) = &query.after {
                select.go_on(query, after)?;
            }
            let (found, more) = select.rows(tx, query.limit.max(1))?;
            let whole = |line| self.complete(tx, &query.sort, line);
            let rows: Vec<StudyRow> = found.into_iter().map(whole).collect::<Result<_, _>>()?;
            let next = rows.last().filter(|_| more).map(|last| last.cursor.clone());
            Ok(StudyPage { rows, total, next })
        })
    }

    /// Adds to a row what other tables, the locks and the order say.
    fn complete(
        &self,
        tx: &Transaction<'_>,
        sort: &StudySort,
        line: Line,
    ) -> Result<StudyRow, Fault> {
        let (scores, cursor) = (scores(tx, line.id)?, sort.cursor(&line));
        let mut row = line.row;
        if row.status == Status::Interrupted && self.locks().is_held(line.id)? {
            row.status = Status::Running;
        }
        let best = scores.get(&row.metric).copied();
        Ok(StudyRow { best, scores, cursor, ..row })
    }

    /// Keeps the studies that stand so. The file tells which have ended, their locks which of the
    /// others are being worked on.
    fn restrict(
        &self,
        tx: &Transaction<'_>,
        select: &mut Select,
        status: StatusIs,
    ) -> Result<(), Fault> {
        if status == StatusIs::Ended {
            select.filters.push("summary.why IS NOT NULL".into());
            return Ok(());
        }
        let mut open = tx.prepare_cached("SELECT study FROM summary WHERE why IS NULL")?;
        let mut held = vec![];
        for id in open.query_map([], |row| row.get(0))? {
            let id: i64 = id?;
            if self.locks().is_held(id)? {
                held.push(id);
            }
        }
        let not = if status == StatusIs::Running { "" } else { "NOT" };
        let held = serde_json::to_string(&held).unwrap_or_default();
        let held = select.bind(Value::Text(held));
        select.filters.push("summary.why IS NULL".into());
        select
            .filters
            .push(format!("summary.study {not} IN (SELECT value FROM json_each({held}))"));
        Ok(())
    }
}

/// A statement that is being put together; all that comes from outside is bound.
struct Select {
    from: &'static str,
    /// What the rows are sorted by, and the study's number in the same table.
    key: (&'static str, &'static str),
    descending: bool,
    filters: Vec<String>,
    values: Vec<Value>,
}

/// A row with what its cursor needs.
struct Line {
    id: i64,
    key: Value,
    row: StudyRow,
}

impl Select {
    fn of(query: &StudyQuery) -> Self {
        // CROSS JOIN keeps the order of the tables, so that the index of the first gives the order
        // of the rows and a page reads little more than itself.
        let (from, key) = match query.sort {
            StudySort::Created => (
                "summary CROSS JOIN study ON study.id = summary.study",
                ("summary.created_ms", "summary.study"),
            ),
            StudySort::Name => {
                ("study CROSS JOIN summary ON summary.study = study.id", ("study.name", "study.id"))
            }
            StudySort::Score(_) => (
                "study_score AS score CROSS JOIN summary ON summary.study = score.study
                 CROSS JOIN study ON study.id = score.study",
                ("score.value", "score.study"),
            ),
        };
        let (filters, values, descending) = (vec![], vec![], query.descending);
        let mut select = Self { from, key, descending, filters, values };
        let score = match &query.sort {
            StudySort::Score(metric) => Some(metric),
            StudySort::Created | StudySort::Name => None,
        };
        for (column, value) in [
            ("score.metric", score),
            ("summary.target", query.target.as_ref()),
            ("summary.metric", query.metric.as_ref()),
        ] {
            if let Some(value) = value {
                let value = select.bind(Value::Text(value.clone()));
                select.filters.push(format!("{column} = {value}"));
            }
        }
        if let Some(part) = &query.name_contains {
            let part = select.bind(Value::Text(part.clone()));
            select.filters.push(format!("instr(lower(study.name), lower({part})) > 0"));
        }
        select
    }

    /// The place of a value in the statement.
    fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("?{}", self.values.len())
    }

    /// Leaves out what pages before have shown.
    fn go_on(&mut self, query: &StudyQuery, after: &str) -> Result<(), StoreError> {
        let bad = || StoreError::BadCursor { text: after.chars().take(200).collect() };
        let (id, key) = query.sort.place(after).ok_or_else(bad)?;
        let (key, id) = (self.bind(key), self.bind(Value::Integer(id)));
        let beyond = if self.descending { "<" } else { ">" };
        let (by, tie) = self.key;
        self.filters.push(format!("({by}, {tie}) {beyond} ({key}, {id})"));
        Ok(())
    }

    fn filter(&self) -> String {
        let all = self.filters.join(" AND ");
        if all.is_empty() { all } else { format!("WHERE {all}") }
    }

    fn count(&self, tx: &Transaction<'_>) -> Result<u64, Fault> {
        let sql = format!("SELECT count(*) FROM {} {}", self.from, self.filter());
        let count: i64 =
            tx.prepare_cached(&sql)?.query_row(params_from_iter(&self.values), |row| row.get(0))?;
        Ok(count as u64)
    }

    /// The first rows, at most so many, and whether there are more.
    fn rows(mut self, tx: &Transaction<'_>, limit: usize) -> Result<(Vec<Line>, bool), Fault> {
        let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let one_more = self.bind(Value::Integer(one_more));
        let (key, tie) = self.key;
        let direction = if self.descending { "DESC" } else { "ASC" };
        let sql = format!(
            "SELECT summary.study, {key}, name, created_ms, actor, data, target, task,
                    summary.metric, done, pruned, failed, best_trial, why
             FROM {} {} ORDER BY {key} {direction}, {tie} {direction} LIMIT {one_more}",
            self.from,
            self.filter(),
        );
        let mut statement = tx.prepare_cached(&sql)?;
        let lines = statement.query_map(params_from_iter(&self.values), line)?;
        let mut lines: Vec<Line> = lines.collect::<Result<_, _>>()?;
        let more = lines.len() > limit;
        lines.truncate(limit);
        Ok((lines, more))
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let why: Option<String> = row.get(13)?;
    let task: String = row.get(7)?;
    let task = TaskKind::ALL.into_iter().find(|kind| kind.name() == task);
    Ok(Line {
        id: row.get(0)?,
        key: row.get(1)?,
        row: StudyRow {
            name: row.get(2)?,
            created_ms: row.get(3)?,
            actor: row.get(4)?,
            data: row.get(5)?,
            target: row.get(6)?,
            task: task.ok_or(rusqlite::Error::InvalidQuery)?,
            metric: row.get(8)?,
            done: row.get(9)?,
            pruned: row.get(10)?,
            failed: row.get(11)?,
            best_trial: row.get(12)?,
            best: None,
            scores: BTreeMap::new(),
            cursor: String::new(),
            status: why.map_or(Status::Interrupted, |why| Status::Ended { why }),
        },
    })
}

fn scores(tx: &Transaction<'_>, id: i64) -> Result<BTreeMap<String, f64>, Fault> {
    let mut statement =
        tx.prepare_cached("SELECT metric, value FROM study_score WHERE study = ?1")?;
    let scores = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(scores.collect::<Result<_, _>>()?)
}

impl StudySort {
    /// The order's name in a cursor, so that one is not taken for that of another order.
    fn tag(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Name => "name",
            Self::Score(metric) => metric,
        }
    }

    /// `order:number:key` of a row.
    fn cursor(&self, line: &Line) -> String {
        let key = match &line.key {
            Value::Integer(n) => n.to_string(),
            // The shortest text that gives the same number again.
            Value::Real(x) => format!("{x:?}"),
            Value::Text(text) => text.clone(),
            Value::Null | Value::Blob(_) => String::new(),
        };
        format!("{}:{}:{key}", self.tag(), line.id)
    }

    /// Number and key of a cursor of this order.
    fn place(&self, cursor: &str) -> Option<(i64, Value)> {
        let rest = cursor.strip_prefix(self.tag())?.strip_prefix(':')?;
        let (id, key) = rest.split_once(':')?;
        let key = match self {
            Self::Created => Value::Integer(key.parse().ok()?),
            Self::Name => Value::Text(key.to_owned()),
            Self::Score(_) => Value::Real(key.parse().ok()?),
        };
        Some((id.parse().ok()?, key))
    }
}
