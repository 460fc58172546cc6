// Which parameter the CONTEXT of an error names, in the languages that PostgreSQL speaks.
#include "database/sql_error.hpp"

#include <gtest/gtest.h>

namespace patchbay {
namespace {

TEST(ParameterAtFault, ReadsTheOutermostFrameInEveryLanguage) {
  // As PostgreSQL 15 writes it for a statement without a name, with and without the value.
  const char* const frames[] = {
      "unnamed portal parameter $12",       "unbenanntes Portal Parameter $12",
      "portal sin nombre, parámetro 12",    "paramètre de portail non nommé $12",
      "parametro portale senza nome $12",   "無名ポータルパラメータ $12",
      "უსახელო პორტალის პარამეტრი $12",     "이름없는 포탈 $12 매개 변수",
      "неименованный портал, параметр $12", "ej namngiven portalparameter $12",
      "параметр порталу без назви $12"};
  for (const std::string frame : frames) {
    for (const char* value : {"", " = '...'", " = '7'", " = ''", " = 'it''s'", " = '''5''...'",
                              " = 'two\nlines, 3'", " = 'a = ''b'"}) {
      EXPECT_EQ(parameter_at_fault(frame + value), 12U) << frame << value;
      EXPECT_EQ(parameter_at_fault("JSON data, line 1: {7\n" + frame + value), 12U) << frame;
      EXPECT_EQ(parameter_at_fault("PL/pgSQL function small(integer) line 3 at RAISE\n" + frame),
                12U);
    }
  }
}

TEST(ParameterAtFault, IsNotReadFromFramesOfOtherThings) {
  const char* const contexts[] = {
      "",
      "parameter",
      "PL/pgSQL function check_it() line 3 at RAISE",
      "PL/pgSQL-Funktion check_it() Zeile 3 bei RAISE",
      "función PL/pgSQL check_it() en la línea 3 en RAISE",
      "fonction PL/pgSQL check_it(), ligne 3 à RAISE",
      "SQL statement \"SELECT $1\"\nPL/pgSQL function f() line 1 at SQL statement",
      "SQL function \"f\" statement 1",
      "SQL-Funktion »f« Anweisung 1",
      "función SQL «f» en la sentencia 1",
      "Fonction SQL « f », instruction 1",
      "SQL関数\"f\"の行番号 1",
      "SQL ფუნქცია \"f\" გამოსახულება 1",
      "unnamed portal parameter $1 = '...'\nPL/pgSQL function f() line 1 at EXECUTE",
      "PL/Perl function \"check2\"",
      "PL/Python function „check2“",
      "JSON data, line 1: {1",
      "JSON data, line 1: ",
      "JSON data, line 1: abc",
      "JSON data, line 1: $5",
      "JSON-Daten, Zeile 1: {'a' = 'x'",
      "JSON data, line 1: = 'x'",
      "Datos JSON, línea 1: {",
      "données JSON, ligne 1 : {",
      "while inserting index tuple (0,1) in relation \"t\"",
      "unnamed portal with parameters: $1 = '7'",
      "unbenanntes Portal mit Parametern: $1 = '7'",
      "portail non nommé avec les paramètres : « $1 = '7' »",
      "portal sin nombre con parámetros: $1 = '7'",
      "パラメータを持つ無名ポータル: $1 = '7'",
      "unnamed portal with parameters: $1 = 'two\nlines', $2 = '7'",
      "portail non nommé avec les paramètres : « $1 = 'two\n$7' »",
      "' = '1'",
      "'",
      "''",
  };
  for (const char* context : contexts) EXPECT_EQ(parameter_at_fault(context), 0U) << context;
}

TEST(ParameterAtFault, IsUnknownWhereItsNumberIsNone) {
  EXPECT_EQ(parameter_at_fault("unnamed portal parameter $99999999999999999999"), 0U);
}

}  // namespace
}  // namespace patchbay
