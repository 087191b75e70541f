"""How the drawing of batches is judged: by their losses, where steps change no loss."""

import numpy as np

from daseCV.compare import expect

PAIRS = "the labels are those of the drawn examples / 标签要与抽到的样本对应"


def expect_size(losses, size):
    """Each loss is the mean of that many losses of 0 or 1."""
    sums = size * losses
    whole = np.abs(sums - np.round(sums)).max() < 1e-6
    expect(whole, "a batch has not batch_size examples / 批次的样本数不是 batch_size")


def expect_fresh(losses):
    """Of as many examples of loss 0 as of loss 1, each batch is another mixture."""
    expect(losses.std() > 0.02, "every batch is the same / 每个批次都一样")
    expect(0.3 < losses.mean() < 0.7, "some examples come too often / 有些样本抽得过多")


def expect_all_drawn(losses, number):
    """So many different losses occur: whole numbers, each of one example."""
    drawn = set(np.round(losses).tolist())
    expect(len(drawn) == number, "some examples are never drawn / 有的样本从未被抽到")
