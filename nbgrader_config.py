"""The one place where nbgrader meets the kit: which of its steps are ours."""

import nbgrader.preprocessors as steps
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor

from autograder import exports, guards, plugins, prose

c = get_config()  # noqa: F821 (nbgrader defines it)

# Nothing is copied behind our back: neither a student's link nor a file of ours.
c.CourseDirectory.ignore = ["*"]

# The committed release is replaced; `ReleaseExporter` has checked the source before that.
c.GenerateAssignment.force = True
c.GenerateAssignment.exporter_class = plugins.ReleaseExporter
c.GenerateAssignment.preprocessors = [
    plugins.PickLanguage,
    steps.LockCells,
    plugins.CutSolutions,
    steps.ClearOutput,
    steps.CheckCellMetadata,
    steps.ComputeChecksums,
    steps.SaveCells,
    plugins.ReleaseFiles,
]

c.Autograde.exporter_class = plugins.SubmissionExporter
c.Autograde.sanitize_preprocessors = [steps.CheckCellMetadata]
c.Autograde.autograde_preprocessors = [
    plugins.GradeSubmission,
    steps.SaveAutoGrades,
    plugins.HoldForPerson,
    plugins.AddMarkSchemes,
    steps.AssignLatePenalties,
    steps.CheckCellMetadata,
]

# Time stamps, names and tables, in which nbgrader trusts a submission.
guards.install()
c.Application.logging_config = {
    "formatters": {"console": {"class": "autograder.guards.PlainFormatter"}}
}
c.ExportApp.plugin_class = exports.CsvExporter
c.HTMLExporter.preprocessors = [guards.EscapeNames]

# A student's text is shown and never run, in feedback and in the form grader, where marks are made.
c.HTMLExporter.filters = {"markdown2html": prose.to_html, "highlight_code": prose.code_to_html}

c.GenerateFeedback.exporter_class = plugins.FeedbackExporter
c.GenerateFeedback.preprocessors = [
    steps.GetGrades,
    plugins.ForStudents,
    CSSHTMLHeaderPreprocessor,
]
