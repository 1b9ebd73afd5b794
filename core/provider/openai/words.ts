/** The words of the API that stand in requests under `type`, `role`, `status` and the like. */
const WORDS: ReadonlySet<string> = new Set(
  [
    // Roles, and phases of what an assistant says.
    'assistant critic developer discriminator function system tool unknown user',
    'commentary final_answer',
    // Items, what they hold, and what became of them.
    'additional_tools agent_message compaction compaction_trigger configuration_update item_reference message',
    'multi_agent_call multi_agent_call_output program program_output realtime reasoning',
    'apply_patch_call apply_patch_call_output code_interpreter_call computer_call computer_call_output',
    'computer_use_call custom_tool_call custom_tool_call_output file_search_call function_call',
    'function_call_output image_generation_call local_shell_call local_shell_call_output shell_call',
    'shell_call_output tool_search_call tool_search_output web_search_call',
    'mcp_approval_request mcp_approval_response mcp_call mcp_list_tools',
    'audio base64 computer_screenshot content encrypted_content file image image_url input_audio input_file',
    'input_image input_json input_text json_object json_schema logs output_audio output_text reasoning_text refusal',
    'summary_text text url',
    'container_file_citation file_citation file_path url_citation',
    'create_file delete_file update_file',
    'click double_click drag exec exit find_in_page keypress move open_page screenshot scroll search timeout',
    'type wait',
    'active calling cancelled cancelling completed expired failed finalizing generating in_progress',
    'incomplete interpreting open pending processed queued ready searching unavailable uploaded validating',
    'cache_hit cache_miss comparison_response_not_found invalid_request_error',
    'http_error protocol_error tool_execution_error mcp_protocol_error mcp_tool_execution_error error',
    'content_filter length stop tool_calls',
    // Tools, where they run, and how they are chosen.
    'apply_patch code_interpreter computer computer_use computer_use_preview custom file_search image_generation',
    'local_shell mcp namespace programmatic_tool_calling shell tool_search web_search web_search_preview',
    'client direct python server',
    'allowed_tools allowlist approximate auto container_auto container_reference disabled grammar inline',
    'limited local none required skill_reference static unrestricted',
    'and eq gt gte in lt lte ne nin or',
    // Settings of an answer and of a session.
    'default fast flex priority scale ultrafast fast_tier_temp_pilot',
    'moderation_result moderation_results once prompt response retention_ratio',
    'audio/pcm audio/pcma audio/pcmu duration far_field manual near_field other tokens semantic_vad server_vad transcription translation',
    'realtime.item realtime.response realtime.session realtime.transcription_session',
    'conversation.item.create conversation.item.delete conversation.item.retrieve conversation.item.truncate',
    'input_audio_buffer.append input_audio_buffer.clear input_audio_buffer.commit output_audio_buffer.clear',
    'response.cancel response.create session.update',
    // Exported traces.
    'agent generation guardrail handoff mcp_tools speech speech_group task trace trace.span turn',
    // What answers say of themselves and of why they ended, also of other servers.
    'list model model_permission text_completion completion embedding batch vector_store upload container deleted',
    'stop_sequence end_turn max_tokens model_length eos eos_token abort load safety recitation insufficient_system_resource',
    // Types of JSON Schema, where a server takes one under a name of its own.
    'array boolean integer null number object string',
    // What compatible servers have beside these.
    'adaptive audio_url document enabled ephemeral input_video reasoning.encrypted reasoning.summary',
    'reasoning.text redacted_thinking thinking tool_result tool_use video video_url',
  ].flatMap((line) => line.split(' ')),
);

/** The voices of the API, some of which are names of persons too: under any other key they say something else. */
const VOICES: ReadonlySet<string> = new Set(
  'alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse'.split(' '),
);

/** "web_search_2025_08_26", "computer_20250124": tools whose types are told apart by when they came. */
const VERSION = /^(web_search(?:_preview)?|computer|bash|text_editor)_20\d\d(_?)[01]\d\2[0-3]\d$/;

/** How types of events and objects begin that have several words. */
const EVENT =
  /^(?:chat|container|conversation|image_edit|image_generation|input_audio_buffer|mcp_list_tools|output_audio_buffer|rate_limits|realtime|response|session|speech|thread|trace|transcript|upload|vector_store)\./;

/** True for a word of an answer that the API has itself, or that is the type of an event. */
export function isAnswerWord(key: string, word: string): boolean {
  return isKnownWord(key, word) || ((key === 'type' || key === 'object') && EVENT.test(word));
}

/** True for a word that the API has itself. Any other says what its author wants it to. */
export function isKnownWord(key: string, word: string): boolean {
  if (key === 'voice') return VOICES.has(word);
  return WORDS.has(word) || VERSION.test(word);
}
