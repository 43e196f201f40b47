//! The files of a project and their templates.

/// Path within the project, in which the name may be filled in, and template.
pub(super) const FILES: [(&str, &str); 14] = [
    ("README.md", include_str!("../../templates/README.md")),
    (".gitignore", include_str!("../../templates/gitignore")),
    ("jobs/dev.toml", include_str!("../../templates/jobs/dev.toml")),
    ("jobs/prod.toml", include_str!("../../templates/jobs/prod.toml")),
    ("ci/lab.sh", include_str!("../../templates/ci/lab.sh")),
    ("ci/dev.sh", include_str!("../../templates/ci/dev.sh")),
    ("ci/test.sh", include_str!("../../templates/ci/test.sh")),
    ("ci/prod.sh", include_str!("../../templates/ci/prod.sh")),
    (".github/workflows/model.yml", include_str!("../../templates/pipelines/github.yml")),
    ("azure-pipelines.yml", include_str!("../../templates/pipelines/azure-pipelines.yml")),
    ("deploy/crontab", include_str!("../../templates/deploy/crontab")),
    ("deploy/ruska-@NAME@.service", include_str!("../../templates/deploy/service")),
    ("deploy/ruska-@NAME@.timer", include_str!("../../templates/deploy/timer")),
    ("deploy/cronjob.yaml", include_str!("../../templates/deploy/cronjob.yaml")),
];
