#include "cli/letter_page.hpp"

#include "cli/fields.hpp"
#include "cli/human.hpp"
#include "cli/table.hpp"

namespace actord::host {
namespace {

using nlohmann::json;

constexpr size_t kLetterReasonColumns = 60;
// Enough of a UUIDv7 to tell letters apart; `dead show` has all of it.
constexpr size_t kCorrelationColumns = 18;

std::string letter_reason(const json& letter) {
  const std::string error = first_line(raw_text_of(letter, "error"));
  return shortened(text_of(letter, "reason") + (error.empty() ? "" : ": " + error),
                   kLetterReasonColumns);
}

// JSON that the daemon could read comes as a value, anything else as text.
std::string payload_text(const json& payload) {
  if (!payload.is_string()) return printable_lines(indented(payload));
  const auto& text = payload.get_ref<const std::string&>();
  const json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  return printable_lines(parsed.is_structured() ? indented(parsed) : text);
}

}  // namespace

void print_letters(std::ostream& out, const Paint& paint, const json& answer, int64_t now_unix_ms,
                   bool titles) {
  using Align = TextTable::Align;
  TextTable table({{"ID", Align::kRight},
                   {"WHEN"},
                   {"TO"},
                   {"TYPE"},
                   {"REASON"},
                   {"ATTEMPTS", Align::kRight},
                   {"CID"}});
  for (const json& letter : list_of(answer, "letters")) {
    table.add({{text_of(letter, "id")},
               {clock_text(signed_of(letter, "unix_ms"), now_unix_ms)},
               {text_of(letter, "to")},
               {text_of(letter, "type")},
               {letter_reason(letter), Colour::kRed},
               {count_text(number_of(letter, "attempts"))},
               {text_of(letter, "correlation").substr(0, kCorrelationColumns), Colour::kDim}});
  }
  table.print(out, paint, titles);
}

void print_letter(std::ostream& out, const Paint& paint, const json& letter, int64_t now_unix_ms) {
  TextTable facts({{"", TextTable::Align::kLeft}, {""}});
  const auto fact = [&](const char* word, std::string text, Colour colour = Colour::kPlain) {
    if (!text.empty()) facts.add({{word, Colour::kDim}, {std::move(text), colour}});
  };
  fact("letter", text_of(letter, "id"), Colour::kBold);
  fact("when", clock_text(signed_of(letter, "unix_ms"), now_unix_ms));
  fact("reason", text_of(letter, "reason"), Colour::kRed);
  fact("error", text_of(letter, "error"));
  fact("to", text_of(letter, "to"));
  fact("from", text_of(letter, "from").empty() ? "(outside)" : text_of(letter, "from"));
  fact("type", text_of(letter, "type"));
  fact("topic", text_of(letter, "topic"));
  fact("attempts", text_of(letter, "attempts"));
  fact("message", text_of(letter, "message_id"));
  fact("causation", number_of(letter, "causation_id") == 0 ? "" : text_of(letter, "causation_id"));
  fact("correlation", text_of(letter, "correlation"));
  fact("size", bytes_text(number_of(letter, "size")));
  facts.print(out, paint, false);
  out << payload_text(member_of(letter, "payload")) << '\n';
}

}  // namespace actord::host
