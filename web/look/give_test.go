package look

import (
	"strings"
	"testing"

	"rapport/lang"
	"rapport/record"
)

func TestWhatLeftIsToldWithItsFingerprint(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("0123456789abcdef", 4)
	take := record.Look{Kind: "client", ID: me, Act: "give", Purpose: "taking", Parts: record.AllParts | record.Looks, Gave: record.Gave{To: record.ToThemselves, As: "application/octet-stream", Hash: hash, N: 212}}
	plan := record.Look{Kind: "staff", ID: "n1", Name: "Priya Raman", Title: "Nurse", Act: "give", Purpose: "care", Parts: record.Plans, Gave: record.Gave{To: record.ToThemselves, As: "application/fhir+json", Hash: hash, N: 3}}
	named := plan
	named.Gave.To = "Dr Who, <Gallifrey>"
	feed := record.Look{Kind: "client", ID: me, Act: "feed", Purpose: "booking", Gave: record.Gave{To: record.ToLink, As: "text/calendar"}}
	for _, x := range []struct {
		l    record.Look
		want [3]string
	}{
		{take, [3]string{
			"Began to take a copy of everything with you: 212 entries and files. If the download broke off, this line stays all the same. Its fingerprint begins with 0123456789abcdef.",
			"Empezó a llevarse una copia de todo: 212 anotaciones y archivos. Si la descarga se cortó, esta línea queda igualmente. Su huella empieza por 0123456789abcdef.",
			"Vous avez commencé à emporter une copie de tout\u00a0: 212 éléments et fichiers. Si le téléchargement s’est interrompu, cette ligne reste quand même. Son empreinte commence par 0123456789abcdef."}},
		{plan, [3]string{
			"Saved a copy of your plans as a file for other health systems, to keep or to pass on, for your care. Its fingerprint begins with 0123456789abcdef.",
			"Guardó una copia de sus planes como archivo para otros sistemas de salud, para conservarla o darla a otros, para su atención. Su huella empieza por 0123456789abcdef.",
			"A enregistré une copie de vos plans de soins sous forme de fichier pour d’autres systèmes de santé, à garder ou à transmettre, pour vos soins. Son empreinte commence par 0123456789abcdef."}},
		{named, [3]string{
			"Gave a copy of your plans as a file for other health systems to “Dr Who, <Gallifrey>”, for your care. Its fingerprint begins with 0123456789abcdef.",
			"Dio una copia de sus planes como archivo para otros sistemas de salud a “Dr Who, <Gallifrey>”, para su atención. Su huella empieza por 0123456789abcdef.",
			"A donné une copie de vos plans de soins sous forme de fichier pour d’autres systèmes de santé à “Dr Who, <Gallifrey>”, pour vos soins. Son empreinte commence par 0123456789abcdef."}},
		{feed, [3]string{
			"Made a link for your calendar. Whoever has it can read when your visits are.",
			"Creó un enlace para su calendario. Quien lo tenga puede leer cuándo son sus citas.",
			"Vous avez créé un lien pour votre agenda. Toute personne qui l’a peut lire quand sont vos rendez-vous."}},
	} {
		for i, tag := range lang.All() {
			if got := Say(lang.New(tag, lang.WordClient), x.l, me).What; got != x.want[i] {
				t.Errorf("%s:\n got %s\nwant %s", tag, got, x.want[i])
			}
		}
	}
}
