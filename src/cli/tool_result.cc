#include "cli/tool_result.h"

#include <algorithm>
#include <fstream>
#include <ostream>

#include <fmt/core.h>

#include "base/base64.h"
#include "base/strings.h"
#include "cli/raw_json.h"
#include "mcp/json_text.h"

namespace gw::cli {
namespace {

namespace fs = std::filesystem;

// RFC 4648, section 4, as the protocol encodes bytes.
std::optional<std::string> decoded(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return base64url_decode(text);
}

class ResultWriter {
 public:
  ResultWriter(const std::optional<fs::path>& save, bool failed, const Console& console)
      : save_(save), console_(console), out_(failed ? console.err : console.out) {}

  void write(std::string_view block) {
    const std::string type = text_member(block, "type");
    if (type == "text") {
      text(text_member(block, "text"));
    } else if (type == "image" || type == "audio") {
      bytes(type, text_member(block, "mimeType"), text_member(block, "data"));
    } else if (type == "resource") {
      resource(mcp::json_member(block, "resource"));
    } else if (type == "resource_link") {
      line(fmt::format("{} ({})", text_member(block, "uri"), text_member(block, "name")));
    } else {
      line(block);
    }
  }

  // For what is not meant for people only: as it is, unless a terminal would obey it.
  void text(std::string_view text) {
    has_text_ = true;
    line(text);
  }
  bool has_text() const { return has_text_; }
  bool failed() const { return failed_; }

 private:
  void line(std::string_view text) {
    out_ << (console_.width > 0 ? shown(text) : std::string(text));
    if (!text.ends_with('\n') || console_.width > 0) out_ << '\n';
  }

  void resource(std::string_view contents) {
    if (!mcp::is_json_object(contents)) return;
    if (const std::string_view raw = mcp::json_member(contents, "text"); mcp::is_json_string(raw)) {
      return text(mcp::json_unquote(raw));
    }
    bytes("resource " + text_member(contents, "uri"), text_member(contents, "mimeType"), text_member(contents, "blob"));
  }

  void bytes(const std::string& what, const std::string& media_type, std::string data) {
    const auto content = decoded(std::move(data));
    const std::string named = printable(media_type.empty() ? what : fmt::format("{}, {}", what, media_type), 400);
    if (!content) {
      console_.err << fmt::format("mcp-gateway: the server sent an {} that is not base64\n", named);
      failed_ = true;
    } else if (!save_) {
      console_.err << fmt::format("[{}, {} bytes; --save FILE keeps it]\n", named, content->size());
    } else {
      save(named, *content);
    }
  }

  void save(const std::string& named, const std::string& content) {
    fs::path file = *save_;
    if (++saved_ > 1) {
      file.replace_filename(fmt::format("{}-{}{}", save_->stem().string(), saved_, save_->extension().string()));
    }
    std::ofstream stream;
    if (!fs::exists(file)) stream.open(file, std::ios::binary);
    stream << content << std::flush;
    if (stream.is_open() && stream) {
      console_.err << fmt::format("[{}, {} bytes: {}]\n", named, content.size(), file.string());
      return;
    }
    failed_ = true;
    console_.err << fmt::format("mcp-gateway: cannot write {}: {}\n", file.string(),
                                stream.is_open() ? "writing failed" : "it is there already, or its folder is not");
  }

  const std::optional<fs::path>& save_;
  const Console& console_;
  std::ostream& out_;
  unsigned saved_ = 0;
  bool has_text_ = false;
  bool failed_ = false;
};

}  // namespace

int show_result(std::string_view result, const std::optional<fs::path>& save, const Console& console) {
  const bool failed = mcp::json_member(result, "isError") == "true";
  ResultWriter writer(save, failed, console);
  for (const std::string_view block : elements_of(mcp::json_member(result, "content"))) writer.write(block);
  const std::string_view structured = mcp::json_member(result, "structuredContent");
  if (!writer.has_text() && !structured.empty()) writer.text(indented(structured));
  return failed || writer.failed() ? exit_failed : exit_ok;
}

}  // namespace gw::cli
