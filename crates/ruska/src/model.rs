//! Models: loaded from one self-contained file, asked for predictions.

use crate::file;
use crate::forecast::{Forecast, Series};
use crate::manifest::{Manifest, MemberRecord};
use crate::reference::{self, Reference};
use rayon::prelude::*;
use ruska_core::{
    Catalog, Column, Equation, Field, FittedPipeline, Frame, Kind, LoadError, PredictError,
    Predictions, SavedPipeline, Shapes, Task, TaskKind, check_exposure, codec,
};
use ruska_data::Applier;
use std::collections::HashSet;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Rows predicted at a time, so that intermediate frames stay in the cache.
const BLOCK_ROWS: usize = 8192;

/// Predictions with their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// Classes in the order of their probabilities; empty for numbers and groups.
    pub classes: Arc<Vec<String>>,
    /// For groups, the names of what is said beside them.
    pub beside: Option<Arc<Vec<String>>>,
    /// The numbers.
    pub numbers: Predictions,
}

impl Predicted {
    /// The predicted class of a row, or its number as text.
    pub fn label(&self, row: usize) -> String {
        match self.classes.get(self.numbers.class(row)) {
            Some(class) => class.clone(),
            None => self.numbers.row(row)[0].to_string(),
        }
    }

    /// As a table: `prediction`, and `proba_<class>` for every class; for groups `cluster`, and what the
    /// model says beside it.
    pub fn to_frame(&self) -> Frame {
        let n = self.numbers.rows();
        let column = |k: usize| Column::float((0..n).map(|i| self.numbers.row(i)[k]).collect());
        let mut fields = vec![];
        if let Some(beside) = &self.beside {
            let groups = self.numbers.groups().into_iter().map(i64::from).collect();
            fields.push(Field::new("cluster", Kind::Numeric, Column::Int(Arc::new(groups))));
            for (k, name) in beside.iter().enumerate() {
                fields.push(Field::new(name.as_str(), Kind::Numeric, column(k + 1)));
            }
        } else if self.classes.is_empty() {
            fields.push(Field::new("prediction", Kind::Numeric, column(0)));
        } else {
            let codes = (0..n).map(|i| self.numbers.class(i) as u32).collect();
            let labels = Column::text(codes, self.classes.to_vec());
            fields.push(Field::new("prediction", Kind::Categorical, labels));
            for (k, class) in self.classes.iter().enumerate() {
                let name = format!("proba_{class}");
                fields.push(Field::new(name, Kind::Numeric, column(k)));
            }
        }
        Frame::new(fields).expect("prediction columns have one length and distinct names")
    }
}

/// A fitted model with everything needed to use it.
pub struct Model {
    manifest: Manifest,
    reference: Reference,
    /// What is known of the series, where it tells what comes next.
    series: Option<Series>,
    pipelines: Vec<Arc<FittedPipeline>>,
    /// Share of each of them in the mean.
    weights: Vec<f64>,
    classes: Arc<Vec<String>>,
    /// For groups, the names of what is said beside them.
    beside: Option<Arc<Vec<String>>>,
    applier: Applier,
}

impl Model {
    /// Fails when the manifest names a feature that its schema does not have, or other pipelines.
    pub(crate) fn new(
        manifest: Manifest,
        reference: Reference,
        series: Option<Series>,
        pipelines: Vec<Arc<FittedPipeline>>,
    ) -> Result<Self, LoadError> {
        let classes = Arc::new(manifest.classes.clone());
        let applier = Applier::new(&manifest.schema, &manifest.features)
            .map_err(|e| LoadError::File(format!("the model's schema is damaged: {e}")))?;
        let weights = shares(&manifest.members, pipelines.len())?;
        let groups = manifest.task == TaskKind::Clustering;
        let first = pipelines.first().filter(|_| groups);
        let beside = first.map(|p| Arc::new(p.model.beside_group()));
        Ok(Self { manifest, reference, series, pipelines, weights, classes, beside, applier })
    }

    /// Loads a model file that uses built-in learners and steps.
    ///
    /// Fails when the file cannot be read, is not a model, is damaged, or is of a newer format.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        Self::load_with(path, &ruska_catalog::builtin())
    }

    /// Loads a model file that uses the learners and steps of a catalog.
    pub fn load_with(path: impl AsRef<Path>, catalog: &Catalog) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let fail = |e: &dyn std::fmt::Display| LoadError::File(format!("{}: {e}", path.display()));
        let bytes = std::fs::read(path).map_err(|e| fail(&e))?;
        Self::from_bytes(&bytes, catalog).map_err(|e| match e {
            LoadError::File(why) => fail(&why),
            other => other,
        })
    }

    /// Restores a model from the bytes of a model file.
    ///
    /// Fails as [`Self::load_with`] does; a model that is returned predicts any table that has its
    /// columns, in their types.
    pub fn from_bytes(bytes: &[u8], catalog: &Catalog) -> Result<Self, LoadError> {
        let opened = file::open::<Manifest>(bytes)?;
        let saved: Vec<SavedPipeline> = codec::decode(&opened.block("pipelines")?, "pipelines")?;
        let reference = codec::decode(&opened.block("reference")?, "reference")?;
        let series = match opened.manifest.task {
            TaskKind::Forecasting => Some(codec::decode(&opened.block("series")?, "series")?),
            _ => None,
        };
        if saved.is_empty() {
            return Err(LoadError::File("the model file holds no pipeline".into()));
        }
        let pipelines = saved
            .iter()
            .map(|s| FittedPipeline::load(catalog, s).map(Arc::new))
            .collect::<Result<_, _>>()?;
        let model = Self::new(opened.manifest, reference, series, pipelines)?;
        let damaged = |why| LoadError::File(format!("the model file is damaged: {why}"));
        model.check().map_err(damaged)?;
        Ok(model)
    }

    /// What does not fit together in a file, if anything. Predicting a table without rows, at
    /// last, leads every step and learner past the columns and classes of the others.
    fn check(&self) -> Result<(), String> {
        let Manifest { task, classes, positive, schema, features, .. } = &self.manifest;
        let least = if *task == TaskKind::Classification { 2 } else { 0 };
        let needless = least == 0 && !classes.is_empty();
        if needless || classes.len() < least || !distinct(classes.iter()) {
            return Err(format!("{task:?} of the classes {classes:?}"));
        }
        if let Some(other) = positive.as_ref().filter(|p| !classes.contains(p)) {
            return Err(format!("`{other}` is not one of its classes"));
        }
        if self.beside.is_some() && self.pipelines.len() != 1 {
            return Err(format!("groups of {} pipelines", self.pipelines.len()));
        }
        if let Some(series) = &self.series {
            series.validate()?;
        }
        if let Some(calibration) = &self.manifest.calibration {
            calibration.validate(classes.len())?;
        }
        if let Some(conformal) = &self.reference.conformal {
            conformal.validate(classes.len())?;
        }
        if !distinct(schema.columns.iter().map(|c| &c.name)) {
            return Err("its schema has a column twice".to_owned());
        }
        if !self.reference.columns.iter().map(|c| &c.name).eq(features) {
            return Err("its reference is not that of its columns".to_owned());
        }
        let empty =
            |name: &String| Field::new(name.as_str(), Kind::Text, Column::text(vec![], vec![]));
        let table = Frame::new(features.iter().map(empty).collect()).map_err(|e| e.to_string())?;
        if self.series.is_some() {
            let told = Forecast::new(self).and_then(|f| f.without_future().table(Some(1), &[0.8]));
            return told.map(drop).map_err(|e| e.to_string());
        }
        self.predict(&table).map(drop).map_err(|e| e.to_string())
    }

    /// The bytes of its file.
    pub fn to_bytes(&self) -> Vec<u8> {
        let saved: Vec<SavedPipeline> = self.pipelines.iter().map(|p| p.save()).collect();
        let mut blocks = vec![
            ("pipelines", codec::encode(&saved)),
            ("reference", codec::encode(&self.reference)),
        ];
        blocks.extend(self.series.as_ref().map(|series| ("series", codec::encode(series))));
        file::pack(&self.manifest, &blocks)
    }

    /// Writes its file: a temporary file in the same folder, then renamed.
    pub fn save(&self, path: impl AsRef<Path>) -> std::io::Result<()> {
        write_atomically(path.as_ref(), &self.to_bytes())
    }

    /// What the file says about the model.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What the model says of its columns, where it is one pipeline that is linear in them.
    pub fn equation(&self) -> Option<Equation> {
        let [one] = &self.pipelines[..] else { return None };
        Some(one.equation()?.times(1.0 / self.temperature()))
    }

    /// The shape functions of the model, where it is one pipeline that is additive in its columns.
    pub(crate) fn shapes(&self) -> Option<Shapes> {
        let [one] = &self.pipelines[..] else { return None };
        Some(one.shapes()?.times(1.0 / self.temperature()))
    }

    /// What divides the logarithms of the probabilities, and with them the scores.
    fn temperature(&self) -> f64 {
        self.manifest.calibration.map_or(1.0, |c| c.temperature)
    }

    /// What the model knows of the series that it tells ahead; `None` for models of rows.
    pub fn series(&self) -> Option<&Series> {
        self.series.as_ref()
    }

    pub(crate) fn pipelines(&self) -> &[Arc<FittedPipeline>] {
        &self.pipelines
    }

    /// The share of each pipeline in the mean.
    pub(crate) fn shares(&self) -> &[f64] {
        &self.weights
    }

    /// Place of the positive class, of two.
    pub(crate) fn positive(&self) -> Option<usize> {
        let Manifest { classes, positive, .. } = &self.manifest;
        let place = classes.iter().position(|c| Some(c) == positive.as_ref());
        place.filter(|_| classes.len() == 2)
    }

    /// What the model remembers of its training data.
    pub fn reference(&self) -> &Reference {
        &self.reference
    }

    /// Keeps what it predicts for some of the rows of the task that it has learned from.
    pub(crate) fn remember(&mut self, task: &Task) {
        self.reference.fitted = reference::fitted(task, |x| self.predict_typed(x));
    }

    /// Predictions for a table as it was read: the schema of training is applied, the order of
    /// columns does not matter, extra columns are ignored.
    ///
    /// Fails when a column is missing or holds another type, naming it.
    pub fn predict(&self, table: &Frame) -> Result<Predicted, PredictError> {
        self.predict_from(table, 0)
    }

    /// Some of the columns that the model looks at, as it reads them in a table.
    ///
    /// Fails when the schema or the table has not one of them, or it holds another type.
    pub fn typed(&self, table: &Frame, columns: &[&str]) -> Result<Frame, PredictError> {
        ruska_data::apply(table, &self.manifest.schema, columns)
    }

    /// Predictions for a part of a table that follows `first_row` others; errors count from there.
    pub(crate) fn predict_from(
        &self,
        table: &Frame,
        first_row: usize,
    ) -> Result<Predicted, PredictError> {
        if self.series.is_some() {
            return Err(PredictError::TellsAhead);
        }
        let typed = self.applier.apply(table, first_row)?;
        if let Some(column) = self.manifest.roles.get("exposure") {
            check_exposure(&typed, column, first_row)?;
        }
        let rows: Vec<u32> = (0..typed.rows() as u32).collect();
        let blocks: Vec<Predictions> = if rows.len() <= BLOCK_ROWS {
            vec![self.predict_typed(&typed)?]
        } else {
            rows.par_chunks(BLOCK_ROWS)
                .map(|block| self.predict_typed(&typed.take(block)))
                .collect::<Result<_, _>>()?
        };
        let values = blocks.iter().flat_map(|b| b.values().iter().copied()).collect();
        let mut numbers = Predictions::new(self.width(), values);
        if let Some(cut) = self.manifest.calibration.and_then(|c| c.cut) {
            numbers = numbers.with_cut(cut);
        }
        let (classes, beside) = (Arc::clone(&self.classes), self.beside.clone());
        Ok(Predicted { classes, beside, numbers })
    }

    /// Numbers that are said of a row.
    fn width(&self) -> usize {
        match (&self.series, &self.beside) {
            (Some(_), _) => 2,
            (None, Some(beside)) => 1 + beside.len(),
            (None, None) => self.classes.len().max(1),
        }
    }

    pub(crate) fn predict_typed(&self, x: &Frame) -> Result<Predictions, PredictError> {
        self.predict_by(&self.pipelines, x)
    }

    /// The same by other pipelines in the place of its own.
    pub(crate) fn predict_by(
        &self,
        pipelines: &[Arc<FittedPipeline>],
        x: &Frame,
    ) -> Result<Predictions, PredictError> {
        let expected = (x.rows(), self.width());
        let predict =
            |(pipeline, weight): (&Arc<FittedPipeline>, &f64)| match pipeline.predict(x)? {
                part if part.shape() == expected => Ok((*weight, part)),
                part => Err(PredictError::Shape { got: part.shape(), expected }),
            };
        let parts =
            pipelines.iter().zip(&self.weights).map(predict).collect::<Result<Vec<_>, _>>()?;
        let mean = Predictions::blend(&parts)?;
        Ok(match &self.manifest.calibration {
            Some(calibration) => calibration.apply(mean),
            None => mean,
        })
    }
}

/// The share of each pipeline in the mean: a member's is divided among its own.
fn shares(members: &[MemberRecord], pipelines: usize) -> Result<Vec<f64>, LoadError> {
    if members.is_empty() {
        return Ok(vec![1.0 / pipelines as f64; pipelines]);
    }
    let total: f64 = members.iter().map(|m| f64::from(m.times)).sum();
    let counts = members.iter().try_fold(0usize, |sum, m| sum.checked_add(m.pipelines));
    if counts != Some(pipelines) || members.iter().any(|m| m.times == 0 || m.pipelines == 0) {
        let what = "the model file is damaged: its pipelines are not those of its members";
        return Err(LoadError::File(what.into()));
    }
    let of = |m: &MemberRecord| {
        std::iter::repeat_n(f64::from(m.times) / total / m.pipelines as f64, m.pipelines)
    };
    Ok(members.iter().flat_map(of).collect())
}

fn distinct<'a>(mut names: impl Iterator<Item = &'a String>) -> bool {
    let mut seen = HashSet::new();
    names.all(|name| seen.insert(name))
}

/// Writes a file so that it is there whole or not at all; what was there under the name is replaced.
///
/// Fails when the folder cannot be written to.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // What any new file would get, rather than the private mode of temporary files.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.prefix(".ruska-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
#[path = "model_tests.rs"]
mod tests;

/// Refuses to replace what is not a model: the user's data, a device, any other file.
pub(crate) fn may_replace(path: &Path) -> Result<(), String> {
    let refuse = |why: &str| {
        let path = path.display();
        Err(format!("the model file {path} {why}; choose another place with --output"))
    };
    let Ok(there) = std::fs::metadata(path) else { return Ok(()) };
    if !there.is_file() {
        return refuse("is there already and is no ordinary file");
    }
    let mut start = vec![];
    let read = std::fs::File::open(path).and_then(|f| f.take(8).read_to_end(&mut start));
    match read {
        Ok(_) if start.is_empty() || file::is_model(&start) => Ok(()),
        Ok(_) => refuse("is there already and is no ruska model"),
        Err(e) => refuse(&format!("cannot be read: {e}")),
    }
}
