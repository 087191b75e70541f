"""What the checks of tasks share: the work in ``saved/``, and the accuracy it should reach."""

import contextlib

from daseCV.compare import expect

SECONDS = 60  # reading the data set takes longer than any function does
MOST_WEIGHTS = 5_000_000  # of what grading tries out
SAVE = "run the notebook's cell that saves it / 运行 notebook 中保存它的单元格"


def saved(student, name):
    """The work that was saved under the name of the exercise."""
    with contextlib.redirect_stdout(None):
        work = student.saving.load_work(name)
    if work is None:
        raise NotImplementedError(f"saved/{name}.npz is not there / 没有找到 saved/{name}.npz")
    return work


def saved_parameters(student, name):
    """The same work, when it holds parameters and belongs to the data that are here."""
    work = saved(student, name)
    expect(bool(work.params), f"saved/{name}.npz holds no parameters / 文件中没有模型参数", SAVE)
    few = sum(value.size for value in work.params.values()) <= MOST_WEIGHTS
    expect(few, f"there are more than {MOST_WEIGHTS:,} weights / 权重超过 {MOST_WEIGHTS:,} 个")
    expect_same_data(student, work)
    return work


def expect_same_data(student, work):
    """The work belongs to the data that are here."""
    same = work.data == student.data_utils.data_digest()
    other = "this was trained on other data than is here / 训练所用的数据与现有数据不同"
    expect(same, other, "train it again, or get that data / 重新训练，或换回原来的数据")


def expect_accuracy(accuracy, target):
    """The accuracy reaches the target."""
    what = f"validation accuracy is {accuracy:.1%}, it should reach {target:.0%}"
    hint = "train longer, or try other hyper-parameters / 训练更久，或尝试其他超参数"
    expect(accuracy >= target, f"{what} / 验证集准确率为 {accuracy:.1%}，应达到 {target:.0%}", hint)
