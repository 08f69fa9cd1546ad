from pathlib import Path

import torch

from stages.model.engine import CTranslate2, read_summarizer
from stages.params import load_params


def test_ctranslate2_leaves_the_process_its_threads(trained: Path) -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        summarizer = read_summarizer(trained / "models/summarizer", "ctranslate2")
        assert isinstance(summarizer, CTranslate2)
        assert torch.get_num_threads() == 3
        assert summarizer.generate([[5, 6, 7]], load_params().generate)
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)
