"""What others trained: found in a folder or on the hub, read without pickle and remote code.

Whatever is wrong with it ends in one sentence that begins with `model.name`.
"""

import socket
import threading
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from huggingface_hub.errors import HFValidationError, StrictDataclassError
from safetensors import SafetensorError

from stages.command.errors import UserError

SECONDS_TO_ANSWER = 2.0
"""So long the hub may take for a first connection; its client alone tries for a minute."""

_BROKEN = (
    *(OSError, ValueError, KeyError, TypeError, RuntimeError, ImportError),
    *(SafetensorError, StrictDataclassError),
)
"""What transformers raises of files that lack something or do not belong together."""


def split_base(name: str) -> tuple[str, str | None]:
    """Return name and revision of `Model.base`; a folder, and a name without one, have none.

    >>> split_base("digit82/kobart-summarization@3f1c2d0")
    ('digit82/kobart-summarization', '3f1c2d0')
    """
    if Path(name).is_dir():
        return name, None
    where, _, revision = name.partition("@")
    return where, revision or None


def pretrained(auto_class: Any, name: str, **settings: Any) -> Any:
    """Call `auto_class.from_pretrained(name)`, or say in one sentence why it cannot be had."""
    where, revision = split_base(name)
    pinned = {"revision": revision} if revision else {}
    try:
        return auto_class.from_pretrained(
            where,
            trust_remote_code=False,
            local_files_only=is_at_hand_only(name),
            **(pinned | settings),
        )
    except _BROKEN as error:
        raise cannot_be_loaded(name, str(error)) from None


def cannot_be_loaded(name: str, reason: str) -> UserError:
    """Return the error that says what `model.name` may be, and what was wrong with this one."""
    return UserError(
        f"model.name: {name} cannot be loaded: give the folder of a downloaded model with a "
        "config.json, a tokenizer.json and a model.safetensors, a Hugging Face id that can be "
        f"reached from here, or `scratch` ({' '.join(reason.split())[:300]})"
    )


def find_file(name: str, file: str) -> Path | None:
    """Return the path of a file of the model `name`, or None where the model has no such file."""
    from transformers.utils import cached_file

    try:
        where, revision = split_base(name)
        found = cached_file(
            where,
            file,
            revision=revision,
            local_files_only=is_at_hand_only(name),
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
    except _BROKEN as error:
        raise cannot_be_loaded(name, str(error)) from None
    return Path(found) if found else None


def read_weights(auto_class: Any, name: str, **settings: Any) -> Any:
    """Return the model `name`, or say which of its weights are not there.

    transformers would begin such weights by chance, and say so in a warning alone.
    """
    model, found = pretrained(
        auto_class,
        name,
        use_safetensors=True,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # they are told below
        **settings,
    )
    trained = {key for key, _ in model.named_parameters()}
    lacking = {
        "has no weights for": sorted(trained & set(found["missing_keys"])),
        "has weights of another shape for": sorted(str(key[0]) for key in found["mismatched_keys"]),
    }
    for what, keys in lacking.items():
        if keys:
            raise UserError(
                f"model.name: {name} {what} {len(keys)} of its {len(trained)} parameters, "
                f"{keys[0]} the first: its model.safetensors is of another model than its "
                "config.json, or was not downloaded to its end"
            )
    return model


def check_within_reach(name: str) -> None:
    """Raise `UserError` at once where `name` is no folder, is not cached, and no hub answers.

    Before transformers is imported, which takes longer than to know this.
    """
    from huggingface_hub import try_to_load_from_cache

    where, revision = split_base(name)
    if revision and Path(where).is_dir():
        raise UserError(f"model.revision: {where} is a folder, which has no {revision}; empty it")
    if Path(name).is_dir() or hub_answers():
        return
    try:
        cached = try_to_load_from_cache(where, "config.json", revision=revision)
    except HFValidationError:  # nothing that the hub could have, such as a path
        cached = None
    if not isinstance(cached, str):
        raise cannot_be_loaded(
            name, "there is no such folder, the hub cannot be reached, and no copy of it is here"
        )


@cache
def is_at_hand_only(name: str) -> bool:
    """Tell whether `name` is to be looked for on this machine alone: a folder, or no network."""
    return Path(name).is_dir() or not hub_answers()


@cache
def hub_answers() -> bool:
    """Tell within two seconds whether the hub, or the proxy on the way to it, takes a connection.

    Its client asks again and again for each file: a minute until a laptop in a train is told.
    """
    from huggingface_hub import constants

    if constants.HF_HUB_OFFLINE:
        return False
    endpoint = urlsplit(constants.ENDPOINT)
    proxy = urlsplit(getproxies().get(endpoint.scheme, ""))
    target = proxy if proxy.hostname else endpoint
    port = target.port or (443 if target.scheme == "https" else 80)
    answers: list[bool] = []

    def connect() -> None:
        try:
            socket.create_connection((target.hostname, port), SECONDS_TO_ANSWER).close()
        except OSError:
            return
        answers.append(True)

    # In a thread, for nothing else ends the search for a name when the resolver does not answer.
    asking = threading.Thread(target=connect, daemon=True)
    asking.start()
    asking.join(SECONDS_TO_ANSWER)
    return bool(answers)


def fit_vocabulary(model: Any, tokens: int) -> None:
    """Give the embeddings a row for each token; rows of no token go.

    A head of its own, as those of T5 1.1 and mT5, stays one: transformers 5 counts every T5 as
    tied, and would put the embeddings in place of a head that was trained apart.
    """
    parts = (
        [model.encoder, model.decoder] if model.config.model_type == "encoder-decoder" else [model]
    )
    for part in parts:
        head = part.get_output_embeddings()
        rows = part.get_input_embeddings()
        if rows.num_embeddings == tokens:
            continue
        tied = part.config.tie_word_embeddings
        part.config.tie_word_embeddings = tied and (head is None or head.weight is rows.weight)
        part.resize_token_embeddings(tokens)
        part.config.tie_word_embeddings = tied
