//! Histogram trees and boosting over binned columns.
