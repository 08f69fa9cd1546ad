"""Show the model on a page of this machine: paste a dialogue, see what becomes of it.

Models of DVC experiments, by their names or revisions, stand side by side with the workspace's.
A column for each shows the summary, the other beams with their scores, and for each morpheme of
the summary the turns in which it stands. Ctrl-C ends it.

Reads models/summarizer and DVC's cache, writes nothing. Nobody but this machine reaches the page,
and the page asks no other machine for anything.
"""

import os
import socket
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from stages.chats.encoding import check_size, decode_text
from stages.chats.reader import read_chats, tag_chat
from stages.command.arguments import command_parser
from stages.command.entry import run
from stages.command.errors import UserError
from stages.command.progress import say
from stages.dialogue.names import Tagged
from stages.experiments.models import RestoredModel, restore_models
from stages.model.weights import existing_model
from stages.params import Language, Params, load_params
from stages.paths import SUMMARIZER
from stages.submission.postprocess import named_rules

HOST = "127.0.0.1"
PORT = 7860
INPUT = "the text box"


def check_installed() -> None:
    """Raise `UserError` where Gradio, an optional extra, is not there."""
    try:
        import gradio  # noqa: F401
    except ModuleNotFoundError as error:
        raise UserError(
            f"{error.name} is not installed, which only the demo needs; it comes with: "
            "pip install -c requirements.lock '.[demo]' (make demo does so)"
        ) from None


def listen(port: int) -> socket.socket:
    """Return a socket that listens to this machine alone; port 0 is any that is free."""
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
        listening.listen()
    except (OSError, OverflowError) as error:
        listening.close()
        reason = error.strerror if isinstance(error, OSError) else "ports are 0 to 65535"
        raise UserError(
            f"port {port} cannot be used ({reason}); name another: --port {PORT + 1}, or --port 0 "
            "for any that is free"
        ) from None
    return listening


def models_shown(names: Sequence[str], params: Params, restored: Path) -> list[RestoredModel]:
    """Return the workspace's model, and those of experiments, put into `restored`."""
    workspace = RestoredModel("workspace", SUMMARIZER, params.tokenize.max_source_tokens)
    return [workspace, *restore_models(names, path=SUMMARIZER, into=restored)]


def read_pasted(text: str) -> Tagged:
    """Return the one dialogue that was pasted, or raise `UserError`."""
    content = text.encode("utf-8", "surrogatepass")  # half a pair is for `decode_text` to refuse
    decoded, _ = decode_text(check_size(content, place=INPUT), place=INPUT)
    chats = read_chats(decoded, place=INPUT)
    if len(chats) > 1:
        raise UserError(f"{INPUT} has {len(chats)} dialogues; paste one at a time")
    return tag_chat(chats[0])


def answerer(sources: Sequence[RestoredModel], params: Params) -> Callable[[str, Language], str]:
    """Read the models; return the function from a pasted text to the HTML that is shown of it.

    In the language of its second argument; in the other nothing is decoded anew.
    """
    from stages.demo_page.columns import Column, render_columns, render_fault
    from stages.model.summarizer import Beams, SummaryWriter
    from stages.page.texts import saying

    writers = [
        SummaryWriter(
            source.folder,
            params.generate,
            max_source_tokens=source.max_source_tokens,
            rules=named_rules(params.predict.rules, params.data.language),
        )
        for source in sources
    ]

    @lru_cache(maxsize=1)
    def write(pasted: str) -> list[Beams]:
        tagged = read_pasted(pasted)
        return [writer.write_beams(tagged) for writer in writers]

    def answer(pasted: str, language: Language) -> str:
        say = saying(language)
        try:
            beams = write(pasted)
        except UserError as error:
            return render_fault(f"{error}.", say)
        names = [source.name for source in sources]
        columns = list(map(Column, names, beams))
        return render_columns(columns, spoken=params.data.language, say=say)

    return answer


def main() -> None:
    """Run the command."""
    parser = command_parser("demo", __doc__)
    parser.add_argument("name", nargs="*", help="experiment whose model stands beside")
    parser.add_argument("--port", type=int, default=PORT, help=f"port on {HOST}, {PORT} if none")
    arguments = parser.parse_args()
    existing_model(SUMMARIZER)
    os.environ |= {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    check_installed()
    params = load_params()
    with listen(arguments.port) as listening, tempfile.TemporaryDirectory() as restored:
        answer = answerer(models_shown(arguments.name, params, Path(restored)), params)
        from stages.demo_page.server import serve

        say(f"demo: http://{HOST}:{listening.getsockname()[1]} (Ctrl-C ends it)")
        serve(answer, listening, language=params.report_language)


if __name__ == "__main__":
    run(main)
