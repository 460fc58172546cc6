#include "code_view.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace tidy {
namespace {

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

class Splitter {
 public:
  explicit Splitter(std::string_view text) : text_(text) {
    for (std::string* view : {&view_.code, &view_.directives}) {
      view->assign(text.begin(), text.end());
      std::replace_if(
          view->begin(), view->end(), [](char c) { return c != '\n'; }, ' ');
    }
  }

  CodeView run() {
    while (at_ < text_.size()) step();
    return std::move(view_);
  }

 private:
  bool sees(std::string_view what) const { return text_.substr(at_, what.size()) == what; }

  void step() {
    const char c = text_[at_];
    if (sees("//")) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (sees("/*")) {
      const std::size_t end = text_.find("*/", at_ + 2);
      at_ = end == std::string_view::npos ? text_.size() : end + 2;
    } else if (c == '"' && is_raw()) {
      skip_raw_string();
    } else if (c == '"' || (c == '\'' && !separates_digits())) {
      skip_literal(c);
    } else {
      copy(c);
    }
  }

  void copy(char c) {
    if (c == '\n') {
      if (at_ == 0 || text_[at_ - 1] != '\\') in_directive_ = false;
      line_is_blank_ = true;
    } else if (c == '#' && line_is_blank_) {
      in_directive_ = true;
    }
    if (c != ' ' && c != '\n') line_is_blank_ = false;
    (in_directive_ ? view_.directives : view_.code)[at_] = c;
    ++at_;
  }

  // The word that ends right before here: a literal's prefix or a number under way.
  std::string_view word_before() const {
    std::size_t begin = at_;
    while (begin > 0 && (is_word(text_[begin - 1]) || text_[begin - 1] == '\'')) --begin;
    return text_.substr(begin, at_ - begin);
  }

  bool is_raw() const {
    const std::string_view prefix = word_before();
    return prefix == "R" || prefix == "u8R" || prefix == "LR" || prefix == "uR" || prefix == "UR";
  }

  bool separates_digits() const {
    const std::string_view word = word_before();
    return !word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0;
  }

  void skip_raw_string() {
    const std::size_t paren = text_.find('(', at_);
    if (paren == std::string_view::npos) return copy(text_[at_]);
    const std::string close = ")" + std::string(text_.substr(at_ + 1, paren - at_ - 1)) + "\"";
    const std::size_t end = text_.find(close, paren);
    close_literal(end == std::string_view::npos ? text_.size() : end + close.size());
  }

  void skip_literal(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2U : 1U;
    }
    end = std::min(end, text_.size());
    close_literal(end < text_.size() && text_[end] == quote ? end + 1 : end);
  }

  void close_literal(std::size_t end) {
    if (in_directive_) {
      std::copy(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                text_.begin() + static_cast<std::ptrdiff_t>(end),
                view_.directives.begin() + static_cast<std::ptrdiff_t>(at_));
    } else {
      view_.code[at_] = '"';
      if (end - 1 > at_) view_.code[end - 1] = '"';
    }
    line_is_blank_ = false;
    at_ = end;
  }

  std::string_view text_;
  CodeView view_;
  std::size_t at_ = 0;
  bool line_is_blank_ = true;
  bool in_directive_ = false;
};

}  // namespace

CodeView split_code(std::string_view text) {
  return Splitter(text).run();
}

}  // namespace tidy
