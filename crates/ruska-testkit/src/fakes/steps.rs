//! The least a pipeline needs: categoricals to codes, missing numbers to a constant.

use ruska_core::{
    Column, Field, FitError, Frame, Kind, Need, PredictError, Preprocessor, RunContext, Space,
    Stage, StepInfo, StepInput, TaskError, TaskMeta, TransformStep,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Replaces each categorical column by the place of its level among the sorted levels of the
/// training rows; other levels become missing.
#[derive(Clone, Copy, Debug)]
pub struct Codes;

/// [`Codes`] has no parameters.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParams {}

/// The levels of each column on the training rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Levels(BTreeMap<String, BTreeSet<String>>);

impl Preprocessor for Codes {
    type Params = NoParams;
    type State = Levels;
    const INFO: StepInfo = StepInfo {
        id: "codes",
        summary: "categoricals as the number of their level",
        stage: Stage::Encode,
        closes: &[Need::FewLevels, Need::ManyLevels],
        suits: None,
        reference: "scikit-learn, OrdinalEncoder",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new()
    }

    fn fit(
        &self,
        _: &NoParams,
        input: StepInput<'_>,
        _: &RunContext<'_>,
    ) -> Result<Levels, FitError> {
        let mut known = BTreeMap::new();
        for field in input.x.fields().iter().filter(|f| f.kind == Kind::Categorical) {
            if let Column::Str(column) = &field.column {
                let texts = input.rows.iter().filter_map(|&r| column.get(r as usize));
                known.insert(field.name.to_string(), texts.map(str::to_owned).collect());
            }
        }
        Ok(Levels(known))
    }
}

impl TransformStep for Levels {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        if let Some(column) = self.0.keys().find(|name| x.field(name).is_none()) {
            return Err(PredictError::MissingColumn { column: column.clone() });
        }
        x.try_map(|field| {
            let Some(levels) = self.0.get(&*field.name) else { return Ok(vec![field.clone()]) };
            let Column::Str(column) = &field.column else {
                return Err(PredictError::WrongType {
                    column: field.name.to_string(),
                    got: field.kind.name().to_owned(),
                    expected: "text".to_owned(),
                    at: String::new(),
                });
            };
            let code = |r| column.get(r).and_then(|text| levels.iter().position(|l| l == text));
            let value = |r| code(r).map_or(f64::NAN, |c| c as f64);
            let values = (0..x.rows()).map(value).collect();
            Ok(vec![Field::new(field.name.clone(), Kind::Numeric, Column::float(values))])
        })
    }
}

/// Fills missing numbers with a constant.
#[derive(Clone, Copy, Debug)]
pub struct Fill;

/// Parameters and state of [`Fill`].
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FillValue {
    /// The constant.
    value: f64,
}

impl Preprocessor for Fill {
    type Params = FillValue;
    type State = FillValue;
    const INFO: StepInfo = StepInfo {
        id: "fill",
        summary: "missing numbers as a constant",
        stage: Stage::Fill,
        closes: &[Need::Missing],
        suits: None,
        reference: "scikit-learn, SimpleImputer(strategy=\"constant\")",
    };

    fn space(&self, _: &TaskMeta) -> Space {
        Space::new().float("value", -1.0, 1.0, 0.0)
    }

    fn fit(
        &self,
        params: &FillValue,
        _: StepInput<'_>,
        _: &RunContext<'_>,
    ) -> Result<FillValue, FitError> {
        Ok(*params)
    }
}

impl TransformStep for FillValue {
    fn transform(&self, x: &Frame) -> Result<Frame, PredictError> {
        x.try_map(|field| {
            let Some(values) = field.floats() else { return Ok(vec![field.clone()]) };
            let filled = values.iter().map(|v| if v.is_nan() { self.value } else { *v }).collect();
            Ok::<_, TaskError>(vec![Field {
                column: Column::float(filled),
                origin: None,
                ..field.clone()
            }])
        })
        .map_err(Into::into)
    }
}
