"""Slips and styles in convolution and max pooling."""

from autograder.slips.edit import Slip, Style

MODULE = "layers.py"

# Places of the solution in which several slips are made.
PAD = "padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))"
CONV_SIZES = (
    "H_out = 1 + (H + 2 * pad - HH) // stride\n    W_out = 1 + (W + 2 * pad - WW) // stride"
)
CONV_SUM = "out[n, f, i, j] = np.sum(window * w[f]) + b[f]"
CONV_LOOPS = """    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                top, left = i * stride, j * stride
                window = padded[n, :, top : top + HH, left : left + WW]  # (C, HH, WW)
                for f in range(F):
                    out[n, f, i, j] = np.sum(window * w[f]) + b[f]
"""
CONV_DB = "db = dout.sum(axis=(0, 2, 3))"
CONV_DX = "dx = dpadded[:, :, pad : pad + H, pad : pad + W]"
CONV_DPADDED = "dpadded[n, :, rows, columns] += dout[n, f, i, j] * w[f]"
CONV_DW = "dw[f] += dout[n, f, i, j] * padded[n, :, rows, columns]"
CONV_BACK_LOOPS = f"""    for n in range(N):
        for i in range(H_out):
            for j in range(W_out):
                rows = slice(i * stride, i * stride + HH)
                columns = slice(j * stride, j * stride + WW)
                for f in range(F):
                    {CONV_DW}
                    {CONV_DPADDED}
"""
POOL_SIZES = "H_out, W_out = 1 + (H - height) // stride, 1 + (W - width) // stride"
POOL_MAX = "x[n, c, top : top + height, left : left + width].max()"
POOL_DX = "dx[n, c, top + row, left + column] += dout[n, c, i, j]"
POOL_WINDOW = f"""row, column = np.unravel_index(np.argmax(window), window.shape)
                    {POOL_DX}"""

SLIPS = [
    # --- conv_forward_naive ---
    Slip(
        "conv-no-bias", "conv_forward_naive", MODULE, CONV_SUM,
        "out[n, f, i, j] = np.sum(window * w[f])",
        "the bias is forgotten", loses="much",
    ),
    Slip(
        "conv-flipped", "conv_forward_naive", MODULE, CONV_SUM,
        "out[n, f, i, j] = np.sum(window * w[f, :, ::-1, ::-1]) + b[f]",
        "the filters are flipped", loses="much",
    ),
    Slip(
        "conv-no-stride", "conv_forward_naive", MODULE, "top, left = i * stride, j * stride",
        "top, left = i, j",
        "the windows are one pixel apart, whatever the stride", loses="some",
    ),
    Slip(
        "conv-one-channel", "conv_forward_naive", MODULE, CONV_SUM,
        "out[n, f, i, j] = np.sum(window[0] * w[f, 0]) + b[f]",
        "only the first channel counts", loses="much",
    ),
    Slip(
        "conv-first-image", "conv_forward_naive", MODULE,
        "window = padded[n,", "window = padded[0,",
        "every image gets the responses of the first", loses="much",
    ),
    Slip(
        "conv-padding-one", "conv_forward_naive", MODULE, PAD,
        "pad = 1; padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))",
        "the padding is always 1", loses="little",
    ),
    Slip(
        "conv-sides-swapped", "conv_forward_naive", MODULE, CONV_SIZES,
        "W_out = 1 + (H + 2 * pad - HH) // stride; H_out = 1 + (W + 2 * pad - WW) // stride",
        "height and width of the output are swapped", loses="little",
    ),
    Slip(
        "conv-square-filters", "conv_forward_naive", MODULE, "F, _, HH, WW = w.shape",
        "F, _, HH, _ = w.shape; WW = HH",
        "filters are taken to be square", loses="little",
    ),
    Slip(
        "conv-pads-x", "conv_forward_naive", MODULE, PAD,
        "x *= 0.5; padded = 2 * np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))",
        "x is changed on the way", loses="little",
    ),
    Slip(
        "conv-borrowed", "conv_forward_naive", MODULE, CONV_LOOPS,
        "    from daseCV.fast_layers import conv_forward_fast\n"
        "    out, _ = conv_forward_fast(x, w, b, conv_param)\n",
        "the fast layer is called", loses="much", refused=True,
    ),
    # --- conv_backward_naive ---
    Slip(
        "conv-dx-cut", "conv_backward_naive", MODULE, CONV_DX,
        "dx = dpadded[:, :, pad:-pad, pad:-pad]",
        "the padding is cut off as [pad:-pad], which is empty at padding 0", loses="little",
    ),
    Slip(
        "conv-dx-padded", "conv_backward_naive", MODULE, CONV_DX, "dx = dpadded",
        "the padding stays on dx", loses="much",
    ),
    Slip(
        "conv-dx-assigned", "conv_backward_naive", MODULE, CONV_DPADDED,
        CONV_DPADDED.replace("+=", "="),
        "overlapping windows overwrite each other's gradient", loses="much",
    ),
    Slip(
        "conv-dw-assigned", "conv_backward_naive", MODULE, CONV_DW, CONV_DW.replace("+=", "="),
        "dw is that of the last window", loses="much",
    ),
    Slip(
        "conv-dw-mean", "conv_backward_naive", MODULE, CONV_DX, f"dw /= N; {CONV_DX}",
        "dw is divided by the batch size",
    ),
    Slip(
        "conv-db-mean", "conv_backward_naive", MODULE, CONV_DB, "db = dout.mean(axis=(0, 2, 3))",
        "db is a mean, not a sum",
    ),
    Slip(
        "conv-db-batch", "conv_backward_naive", MODULE, CONV_DB, "db = dout.sum(axis=0)",
        "db is summed over the images only",
    ),
    Slip(
        "conv-db-axes", "conv_backward_naive", MODULE, CONV_DB,
        "db = dout.sum(axis=(0, 2, 3), keepdims=True)",
        "db has extra axes of length one", loses="little",
    ),
    Slip(
        "conv-back-no-stride", "conv_backward_naive", MODULE,
        "rows = slice(i * stride, i * stride + HH)", "rows = slice(i, i + HH)",
        "the stride is forgotten",
    ),
    Slip(
        "conv-back-padding-one", "conv_backward_naive", MODULE,
        'stride, pad = conv_param["stride"], conv_param["pad"]',
        'stride, pad = conv_param["stride"], 1',
        "the padding is always 1", loses="little",
    ),
    Slip(
        "conv-back-sides-swapped", "conv_backward_naive", MODULE,
        "N, F, H_out, W_out = dout.shape", "N, F, W_out, H_out = dout.shape",
        "height and width are swapped", loses="little",
    ),
    # --- max_pool_forward_naive ---
    Slip(
        "pool-mean", "max_pool_forward_naive", MODULE, POOL_MAX, POOL_MAX.replace("max", "mean"),
        "the mean, not the maximum", loses="much",
    ),
    Slip(
        "pool-from-zero", "max_pool_forward_naive", MODULE, POOL_MAX, f"max(0, {POOL_MAX})",
        "the maximum starts from zero", loses="much",
    ),
    Slip(
        "pool-over-channels", "max_pool_forward_naive", MODULE, POOL_MAX,
        POOL_MAX.replace("n, c,", "n, :,"),
        "the maximum is taken over the channels, too", loses="much",
    ),
    Slip(
        "pool-no-stride", "max_pool_forward_naive", MODULE, "top, left = i * stride, j * stride",
        "top, left = i, j",
        "the windows are one pixel apart, whatever the stride", loses="much",
    ),
    Slip(
        "pool-tiles", "max_pool_forward_naive", MODULE, POOL_SIZES,
        "H_out, W_out = H // height, W // width",
        "windows are counted as if they never overlapped", loses="little",
    ),
    Slip(
        "pool-sides-swapped", "max_pool_forward_naive", MODULE,
        'height, width = pool_param["pool_height"], pool_param["pool_width"]',
        'width, height = pool_param["pool_height"], pool_param["pool_width"]',
        "height and width of the windows are swapped", loses="little",
    ),
    Slip(
        "pool-stride-two", "max_pool_forward_naive", MODULE, 'stride = pool_param["stride"]',
        "stride = height",
        "the stride is taken to be the height of the windows", loses="little",
    ),
    # --- max_pool_backward_naive ---
    Slip(
        "pool-back-assigned", "max_pool_backward_naive", MODULE, POOL_DX,
        POOL_DX.replace("+=", "="),
        "overlapping windows overwrite each other's gradient", loses="little",
    ),
    Slip(
        "pool-back-everyone", "max_pool_backward_naive", MODULE, POOL_DX,
        "dx[n, c, top : top + height, left : left + width] += dout[n, c, i, j]",
        "every entry of the window gets the gradient", loses="much",
    ),
    Slip(
        "pool-back-smallest", "max_pool_backward_naive", MODULE, "np.argmax(window)",
        "np.argmin(window)",
        "the smallest entry gets the gradient", loses="much",
    ),
    Slip(
        "pool-back-ones", "max_pool_backward_naive", MODULE, POOL_DX,
        "dx[n, c, top + row, left + column] += 1",
        "the upstream gradient is forgotten", loses="much",
    ),
    Slip(
        "pool-back-absolute", "max_pool_backward_naive", MODULE, "np.argmax(window)",
        "np.argmax(abs(window))",
        "the entry that is largest in absolute value gets the gradient", loses="much",
    ),
    Slip(
        "pool-back-sides-swapped", "max_pool_backward_naive", MODULE,
        'height, width = pool_param["pool_height"], pool_param["pool_width"]',
        'width, height = pool_param["pool_height"], pool_param["pool_width"]',
        "height and width of the windows are swapped", loses="little",
    ),
]  # fmt: skip

STYLES = [
    Style(
        "conv-seven-loops", "conv_forward_naive", MODULE, CONV_LOOPS,
        """    out = np.zeros((N, F, H_out, W_out))
    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    total = 0.0
                    for c in range(x.shape[1]):
                        for k in range(HH):
                            for m in range(WW):
                                at = i * stride + k, j * stride + m
                                total += padded[n, c, at[0], at[1]] * w[f, c, k, m]
                    out[n, f, i, j] = total + b[f]
""",
        "a loop for every axis, into an array of double precision",
    ),
    Style(
        "conv-tensordot", "conv_forward_naive", MODULE, CONV_LOOPS,
        """    for i in range(H_out):
        for j in range(W_out):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            out[:, :, i, j] = np.tensordot(window, w, axes=([1, 2, 3], [1, 2, 3])) + b
""",
        "all images and filters at once",
    ),
    Style(
        "conv-padded-cache", "conv_forward_naive", MODULE, "cache = (x, w, b, conv_param)",
        "cache = [x.copy(), w, 0, dict(conv_param)]",
        "a list for the cache, without what is not needed",
    ),
    Style(
        "conv-own-padding", "conv_forward_naive", MODULE, PAD,
        "padded = np.zeros((N, x.shape[1], H + 2 * pad, W + 2 * pad)); "
        "padded[:, :, pad:H + pad, pad:W + pad] = x",
        "padded by hand, in double precision",
    ),
    Style(
        "conv-int-sizes", "conv_forward_naive", MODULE, CONV_SIZES,
        "H_out = int(1 + (H + 2 * pad - HH) / stride)\n"
        "    W_out = int(np.floor(1 + (W + 2 * pad - WW) / stride))",
        "sizes by true division, cut down to integers",
    ),
    Style(
        "conv-back-seven-loops", "conv_backward_naive", MODULE, CONV_BACK_LOOPS,
        """    for n in range(N):
        for f in range(F):
            for i in range(H_out):
                for j in range(W_out):
                    for c in range(x.shape[1]):
                        for k in range(HH):
                            for m in range(WW):
                                at, up = (i * stride + k, j * stride + m), dout[n, f, i, j]
                                dw[f, c, k, m] += padded[n, c, at[0], at[1]] * up
                                dpadded[n, c, at[0], at[1]] += w[f, c, k, m] * up
""",
        "a loop for every axis",
    ),
    Style(
        "conv-back-einsum", "conv_backward_naive", MODULE, CONV_BACK_LOOPS,
        """    for i in range(H_out):
        for j in range(W_out):
            at = np.s_[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            dw += np.einsum("nf,nchw->fchw", dout[:, :, i, j], padded[at])
            dpadded[at] += np.einsum("nf,fchw->nchw", dout[:, :, i, j], w)
""",
        "np.einsum, all images and filters at once",
    ),
    Style(
        "conv-back-dout-in-place", "conv_backward_naive", MODULE, CONV_DX,
        f"{CONV_DX}.copy(); dout *= 0",
        "dout is written to",
    ),
    Style(
        "pool-two-loops", "max_pool_forward_naive", MODULE,
        """    for n in range(N):
        for c in range(C):
            for i in range(H_out):
                for j in range(W_out):
                    top, left = i * stride, j * stride
                    out[n, c, i, j] = x[n, c, top : top + height, left : left + width].max()
""",
        """    out = np.empty((N, C, H_out, W_out))
    for i in range(H_out):
        for j in range(W_out):
            part = x[:, :, i * stride : i * stride + height, j * stride : j * stride + width]
            out[:, :, i, j] = np.amax(part, axis=(-1, -2))
""",
        "all images and channels at once, into double precision",
    ),
    Style(
        "pool-starts-low", "max_pool_forward_naive", MODULE, POOL_MAX,
        "-np.inf\n"
        "                    for v in x[n, c, top : top + height, left : left + width].flat:\n"
        "                        if v > out[n, c, i, j]:\n"
        "                            out[n, c, i, j] = v",
        "a loop over the window",
    ),
    Style(
        "pool-back-all-maxima", "max_pool_backward_naive", MODULE, POOL_WINDOW,
        "dx[n, c, top : top + height, left : left + width] += "
        "(window == window.max()) * dout[n, c, i, j]",
        "every maximum of a window gets the gradient",
    ),
    Style(
        "pool-back-shared", "max_pool_backward_naive", MODULE, POOL_WINDOW,
        "mask = window == np.max(window)\n"
        "                    dx[n, c, top : top + height, left : left + width] += "
        "mask / mask.sum() * dout[n, c, i, j]",
        "the maxima of a window share the gradient",
    ),
    Style(
        "pool-back-last", "max_pool_backward_naive", MODULE, POOL_WINDOW,
        "row, column = np.argwhere(window == window.max())[-1]\n"
        f"                    {POOL_DX}",
        "the last of several maxima gets the gradient",
    ),
]  # fmt: skip
