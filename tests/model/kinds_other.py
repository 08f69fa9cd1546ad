"""Tiny pretrained folders of BERT twice over, and of kinds that this project does not train."""

from pathlib import Path

from tests.model.folders import save_model
from tests.model.vocabularies import Texts, byte_level, parts, wordpieces

BERT = {
    "hidden_size": 32,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
}
NAMES = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}


def bert2bert(folder: Path, texts: Texts) -> None:
    """Write two BERTs, one that reads and one that writes: `[CLS] … [SEP]`."""
    from transformers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel

    rows = _save_bert_tokenizer(folder, texts)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(
        BertConfig(vocab_size=rows, **BERT), BertConfig(vocab_size=rows, **BERT)
    )
    config.decoder_start_token_id, config.eos_token_id, config.pad_token_id = 2, 3, 0
    save_model(EncoderDecoderModel, config, folder)


def bert(folder: Path, texts: Texts) -> None:
    """Write BERT, which only reads."""
    from transformers import BertConfig, BertForMaskedLM

    rows = _save_bert_tokenizer(folder, texts)
    save_model(BertForMaskedLM, BertConfig(vocab_size=rows, **BERT), folder)


def gpt2(folder: Path, texts: Texts) -> None:
    """Write GPT-2, which only continues a text."""
    from transformers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer

    vocabulary, merges = parts(byte_level(texts, ["<|endoftext|>"]))
    tokenizer = GPT2Tokenizer(vocab=vocabulary, merges=merges)
    tokenizer.save_pretrained(folder)
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=64,
        n_embd=32,
        n_layer=1,
        n_head=2,
        bos_token_id=0,
        eos_token_id=0,
    )
    save_model(GPT2LMHeadModel, config, folder)


def llama(folder: Path, texts: Texts) -> None:
    """Write Llama, which only continues a text."""
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=byte_level(texts, list(NAMES.values())), **NAMES
    )
    tokenizer.save_pretrained(folder)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=64,
        bos_token_id=0,
        eos_token_id=1,
    )
    save_model(LlamaForCausalLM, config, folder)


def _save_bert_tokenizer(folder: Path, texts: Texts) -> int:
    """Write the tokenizer and return how many tokens it has."""
    from transformers import BertTokenizer

    tokenizer = BertTokenizer(vocab=wordpieces(texts), do_lower_case=False)
    tokenizer.save_pretrained(folder)
    return len(tokenizer)
